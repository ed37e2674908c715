import Healing
import HealingModel

extension HealingOutcome {
  /// The report of `run`, `test` and `show` as JSON: every key always there.
  var json: JSON {
    [
      "schema": 1,
      "status": .string(report.status.rawValue),
      "applied": .bool(report.applied),
      "partial": .bool(report.partial),
      "session": .optional(session),
      "attempts": .integer(report.attempts),
      "candidates": .integer(report.candidates),
      "seconds": .seconds(report.seconds),
      "confidence": .string(report.confidence.rawValue),
      "oracleStrength": .string(report.strength.rawValue),
      "evidence": .optional(report.evidence?.rawValue),
      "findings": .array(report.findings.map(\.json)),
      "patch": .optional(report.diff),
      "edits": .array(report.patch.edits.map(\.json)),
      "verification": report.verification?.json ?? .null,
      "remaining": .array(report.remaining.map(\.json)),
      "alternatives": .array(report.alternatives.map(\.json)),
      "sandbox": surroundings?.sandboxJSON ?? .null,
      "model": report.model?.json ?? .null,
      "notes": .array(report.notes.map(JSON.string)),
      "error": error?.json ?? .null,
    ]
  }
}

extension ModelUse {
  fileprivate var json: JSON {
    [
      "name": .string(name),
      "requests": .integer(requests),
      "promptTokens": .integer(promptTokens),
      "completionTokens": .integer(completionTokens),
      "seconds": .array(seconds.map(JSON.seconds)),
    ]
  }
}

extension CommandError {
  /// The error as JSON.
  var json: JSON {
    ["kind": .string(kind), "message": .string(message), "remedy": .optional(remedy)]
  }
}

extension Finding {
  /// The finding as JSON; its place is where it begins.
  var json: JSON {
    [
      "category": .string(category.rawValue),
      "rule": .string(rule),
      "path": .string(path),
      "line": .integer(range.start.line),
      "column": .integer(range.start.column),
      "message": .string(message),
      "hint": .string(hint),
      "evidence": .array(
        evidence.map { ["source": .string($0.source.rawValue), "text": .string($0.text)] }
      ),
      "confidence": .string(confidence.rawValue),
    ]
  }
}

extension TextPosition {
  fileprivate var json: JSON { ["line": .integer(line), "column": .integer(column)] }
}

extension Edit {
  fileprivate var json: JSON {
    [
      "path": .string(path),
      "start": range.start.json,
      "end": range.end.json,
      "new": .string(new),
      "reason": .string(reason),
      "finding": .optional(finding),
    ]
  }
}

extension Verification {
  fileprivate var json: JSON {
    [
      "oracle": ["kind": .string(oracle), "tests": .array(tests.map(JSON.string))],
      "runs": .integer(runs),
      "regressions": .integer(regressions),
      "schedules": schedules?.json ?? nil,
    ]
  }
}

extension ScheduleEvidence {
  fileprivate var json: JSON {
    [
      "explored": .integer(explored),
      "exhausted": .bool(exhausted),
      "bound": .optional(bound.map { "\($0) preemptions" }),
    ]
  }
}

extension Alternative {
  fileprivate var json: JSON {
    [
      "patch": .string(patch),
      "confidence": .string(confidence.rawValue),
      "distinguishingInput": .optional(distinguishingInput),
      "answers": .array(answers.map(JSON.string)),
    ]
  }
}

extension Surroundings {
  /// The protection in force.
  var sandboxJSON: JSON {
    ["mechanism": .string(sandbox), "missing": .array(missing.map(JSON.string))]
  }

  /// Where it ran.
  var json: JSON {
    [
      "interpreter": .string(interpreter),
      "version": .string(interpreterVersion),
      "sandbox": sandboxJSON,
      "seed": .integer(Int(clamping: seed)),
    ]
  }
}
