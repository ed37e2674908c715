import HealingModel

/// The paragraph that tells what happened.
struct Account {
  private let found: Explanation
  private let run: Execution
  private let trace: ExecutionTrace
  private let difference: RunDifference?

  init(_ found: Explanation, run: Execution, difference: RunDifference?, trace: ExecutionTrace) {
    self.found = found
    self.run = run
    self.difference = difference
    self.trace = trace
  }

  var text: String {
    let parts = [found.assumption, body, ending]
    return parts.compactMap(\.self).filter { !$0.isEmpty }.joined(separator: " ")
  }

  private var body: String {
    switch found.kind {
    case .lostUpdate, .checkThenAct, .iterationRace, .atomicityViolation, .useBeforePublication,
      .dataRace:
      return conflictText
    case .deadlock, .selfDeadlock: return deadlockText
    case .lockLeak: return leakText
    case .lostWakeUp, .missingSentinel, .brokenBarrier, .hang: return waitText
    case .livelock:
      return "The threads took \(run.choices.count) steps and came to no end under this schedule."
    case .scheduleDependent: return "The run fails under this schedule and not under others."
    }
  }

  // MARK: Conflicts

  private var conflictText: String {
    guard let conflict = found.conflict else { return "" }
    let rows = conflict.rows.map { found.rows[$0] }
    var text = rows.count > 2 ? sentence(rows[0], rows[1], rows[2]) : sentence(rows[0], rows[1])
    text += " " + meaning(rows, conflict)
    return text + " " + lockText(conflict, rows)
  }

  private func sentence(_ first: TimelineRow, _ second: TimelineRow) -> String {
    "\(did(first)). \(did(second)), and nothing orders the two."
  }

  private func sentence(_ one: TimelineRow, _ two: TimelineRow, _ three: TimelineRow) -> String {
    "\(did(one)). Before it \(past(three.kind)) \(three.subject) again\(at(three)), \(did(two))."
  }

  private func meaning(_ rows: [TimelineRow], _ conflict: Conflict) -> String {
    let last = rows[rows.count - 1]
    let other = name(rows[1].thread)
    switch found.kind {
    case .lostUpdate:
      let new = last.value.map { " with \($0)" } ?? ""
      return "\(name(last.thread)) then overwrote that\(new), made from what it had read before: "
        + "the write of \(other) is lost."
    case .checkThenAct:
      return "\(name(last.thread)) then acted on what it had found before \(other) changed it."
    case .iterationRace:
      return "So \(conflict.subject) changed while \(name(last.thread)) went through it."
    case .atomicityViolation:
      return "No order of the two threads one after the other gives what they saw."
    case .useBeforePublication:
      return "\(name(rows[0].thread)) used \(conflict.subject) before \(other) had set it."
    default: return ""
    }
  }

  private func lockText(_ conflict: Conflict, _ rows: [TimelineRow]) -> String {
    let common = conflict.held.dropFirst().reduce(Set(conflict.held.first ?? [])) {
      $0.intersection($1)
    }
    if let lock = common.sorted().first {
      return "Each access holds \(lock), but not from the first to the last of them."
    }
    let holding = zip(rows, conflict.held).filter { !$1.isEmpty }
    guard !holding.isEmpty else { return "No lock is held at any of these." }
    let parts = holding.map { row, held in
      "\(name(row.thread)) holds \(held.joined(separator: ", "))\(at(row))"
    }
    return "No lock is held at all of these: " + Set(parts).sorted().joined(separator: "; ") + "."
  }

  // MARK: Waits

  private var deadlockText: String {
    let parts = found.cycle.compactMap { thread in found.waits.first { $0.thread == thread } }
    if let only = parts.first, parts.count == 1 {
      let since = only.holds.first { $0.lock == only.wants }?.place
      return "\(name(only.thread)) waits for \(only.wants)\(at(only.place)) and holds it itself"
        + (since.map { ", since \($0.text)" } ?? "") + "."
    }
    return parts.map(holdsAndWants).joined(separator: " ") + " None of them can go on."
  }

  private func holdsAndWants(_ wait: ThreadWait) -> String {
    let holds = wait.holds.map { "\($0.lock)\($0.place.map { " (taken at \($0.text))" } ?? "")" }
    let holding = holds.isEmpty ? "holds no lock" : "holds \(holds.joined(separator: ", "))"
    if wait.kind == .join {
      return "\(name(wait.thread)) \(holding) and waits for the end of \(wait.wants)"
        + "\(at(wait.place))."
    }
    let holder = wait.holder.map { ", which \(name($0)) holds" } ?? ""
    return "\(name(wait.thread)) \(holding) and wants \(wait.wants)\(at(wait.place))\(holder)."
  }

  private var leakText: String {
    if let leak = run.leaks.first {
      let lock = found.locks.last { $0.thread == leak.thread && $0.to == nil }
      let since = lock.map { " taken\(at(found.rows[$0.from].place))," } ?? ""
      let name = lock?.lock ?? leak.lock
      let raised = run.exceptions.first { $0.thread == leak.thread }
      let why = raised.map { " with \($0.exception.type)" } ?? ""
      return "\(self.name(leak.thread)) ended\(why) and never gave back \(name),\(since) "
        + "so nobody else can take it." + waitersText
    }
    return found.waits.filter { $0.kind == .acquire }.map(holdsAndWants).joined(separator: " ")
  }

  private var waitersText: String {
    let waiting = found.waits.filter { $0.kind == .acquire }
    guard !waiting.isEmpty else { return "" }
    return " "
      + waiting.map { "\(name($0.thread)) waits for it\(at($0.place))." }
      .joined(separator: " ")
  }

  private var waitText: String {
    let waiting = found.waits.filter { $0.kind != .join }
    guard let first = waiting.first else {
      return found.waits.map(holdsAndWants).joined(separator: " ")
    }
    let who = "\(name(first.thread)) waits for \(first.wants)\(at(first.place))"
    switch found.kind {
    case .lostWakeUp:
      let row = found.rows.first { $0.kind == .notify && $0.isNotable && !$0.marks.isEmpty }
      let told = row.map {
        "\(name($0.thread)) notified \(first.wants)\(at($0)) when nobody waited. "
      }
      return (told ?? "") + "\(who) since then, and nobody notifies it again."
    case .missingSentinel:
      return "\(who), and every thread that could put something there has ended or waits: "
        + "nothing tells the consumer that no more will come."
    case .brokenBarrier:
      let count = waiting.filter { $0.wants == first.wants }.count
      return "\(count) \(count == 1 ? "thread waits" : "threads wait") at the barrier "
        + "\(first.wants)\(at(first.place)), and no other thread is left that could come to it."
    default:
      return "\(who), and nobody is left who could wake it."
    }
  }

  // MARK: The end

  private var ending: String {
    guard run.end == .completed else { return "" }
    if let first = run.exceptions.first {
      let code = first.exception.frames.last?.code.trimmed
      let line = code.map { $0.isEmpty ? "" : " (`\($0)`)" } ?? ""
      return "In the end \(name(first.thread)) raised \(first.text)\(at(first.place))\(line)."
    }
    if run.exitStatus != 0 { return "The program ended with status \(run.exitStatus)." }
    return ""
  }

  // MARK: Words

  private func name(_ thread: Int) -> String { run.threadName(thread) }

  private func at(_ place: SourcePlace) -> String { place.line > 0 ? " at \(place.text)" : "" }

  private func at(_ row: TimelineRow) -> String { at(row.place) }

  private func did(_ row: TimelineRow) -> String {
    let value = row.value.map { "=\($0)" } ?? ""
    return "\(name(row.thread)) \(past(row.kind)) \(row.subject)\(value)\(at(row))"
  }

  private func past(_ kind: RowKind) -> String {
    switch kind {
    case .read: "read"
    case .write: "wrote"
    default: "updated"
    }
  }
}

extension String {
  fileprivate var trimmed: String {
    var rest = self[...]
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest)
  }
}
