import Healing
import HealingModel
import Scheduling

extension TraceReport {
  /// The report for a script: every key always there.
  var json: JSON {
    [
      "schema": 1,
      "status": .string(outcome.status.rawValue),
      "session": .optional(outcome.session),
      "failure": result.failure.map(json) ?? .null,
      "evidence": .string(evidence.word),
      "bound": evidence.bound.map(JSON.integer) ?? .null,
      "schedules": [
        "completed": .integer(result.counts.completed),
        "redundant": .integer(result.counts.blocked),
        "cut": .integer(result.counts.cut),
        "limited": .integer(result.counts.limited),
        "diverged": .integer(result.counts.diverged),
        "repeated": .integer(evidence.repeated),
      ],
      "outputs": .array(
        result.outputs.prefix(10).map { ["text": .string($0.text), "runs": .integer($0.runs)] }
      ),
      "unordered": .array(result.unordered.map(json)),
      "leftOut": .integer(result.leftOut),
      "divergence": outcome.replay?.divergence.map(JSON.string) ?? .null,
      "limits": .array(result.limits.map(JSON.string)),
      "notes": .array((outcome.notes + result.notes).map(JSON.string)),
      "seconds": .seconds(outcome.seconds),
      "cpu": .seconds(outcome.cpu),
      "seed": .integer(Int(clamping: outcome.surroundings.seed)),
      "interpreter": .string(outcome.surroundings.interpreterVersion),
      "sandbox": outcome.surroundings.sandboxJSON,
      "error": nil,
    ]
  }

  /// The failing run for a viewer of traces; an empty trace when nothing fails.
  var perfetto: JSON { explanation?.perfetto ?? ["traceEvents": []] }

  /// What is printed when there is nothing to report on.
  static func failed(_ error: CommandError) -> JSON {
    [
      "schema": 1,
      "status": .string(error == .interrupted ? "interrupted" : "error"),
      "session": nil,
      "failure": nil,
      "evidence": nil,
      "bound": nil,
      "schedules": nil,
      "outputs": [],
      "unordered": [],
      "leftOut": 0,
      "divergence": nil,
      "limits": [],
      "notes": [],
      "seconds": nil,
      "cpu": nil,
      "seed": nil,
      "interpreter": nil,
      "sandbox": nil,
      "error": error.json,
    ]
  }

  private var evidence: (word: String, bound: Int?, repeated: Int) {
    switch result.coverage {
    case .explored: ("explored", nil, 0)
    case .exhausted(let bound, let repeated, _): ("exhausted", bound, repeated)
    }
  }

  private func json(_ found: TracedFailure) -> JSON {
    let run = found.execution
    return [
      "kind": .string(found.failure.name),
      "summary": .string(found.summary),
      "assumesTime": .bool(found.assumesTime),
      "method": .string(found.method.name),
      "after": .integer(found.after),
      "minimal": .bool(found.isMinimal),
      "switches": .integer(max(0, run.choices.runs.count - 1)),
      "choices": choices(run.choices),
      "threads": .array(run.threads.map(JSON.string)),
      "blocked": .array(run.blocked.map(json)),
      "cycle": .array(run.cycle.map(JSON.integer)),
      "exceptions": .array(run.exceptions.map(json)),
      "leaks": .array(
        run.leaks.map { ["thread": .integer($0.thread), "lock": .string($0.lock)] }
      ),
      "exit": .integer(run.exitStatus),
      "output": .string(run.output),
      "passing": found.passing.map(json) ?? .null,
      "explanation": explanation?.json ?? .null,
    ]
  }

  private func json(_ access: UnorderedAccess) -> JSON {
    [
      "subject": .string(access.subject),
      "places": .array(
        access.places.map { ["path": .string($0.path), "line": .integer($0.line)] }
      ),
    ]
  }

  private func json(_ passing: Execution) -> JSON {
    ["choices": choices(passing.choices), "output": .string(passing.output)]
  }

  private func choices(_ choices: ThreadRuns) -> JSON {
    .array(choices.runs.flatMap { [.integer($0.thread), .integer($0.count)] })
  }

  private func json(_ one: BlockedThread) -> JSON {
    [
      "thread": .integer(one.thread),
      "wants": .string(one.object),
      "by": .string("\(one.kind)"),
      "path": .string(one.place.path),
      "line": .integer(one.place.line),
      "holder": one.holder.map(JSON.integer) ?? .null,
      "holds": .array(one.holds.map(JSON.string)),
    ]
  }

  private func json(_ one: ThreadException) -> JSON {
    let frame = one.exception.frames.last
    return [
      "thread": .integer(one.thread),
      "type": .string(one.exception.type),
      "message": .string(one.exception.message),
      "path": .string(frame?.path ?? ""),
      "line": .integer(frame?.line ?? 0),
    ]
  }
}
