import HealingModel
import Scheduling

extension Explanation {
  /// The explanation for a script, as `schema/heal-explanation-1.json` has it, every key there.
  var json: JSON {
    [
      "kind": .string(kind.rawValue),
      "rule": .string(kind.rule),
      "title": .string(kind.title),
      "failure": .string(failure),
      "account": .string(account),
      "assumption": .optional(assumption),
      "place": place.json,
      "gil": gil.json,
      "threads": .array(threads.map(JSON.string)),
      "events": .array(rows.map(\.json)),
      "switches": .array(switches.map(\.json)),
      "minimal": .bool(isMinimal),
      "conflict": conflict?.json ?? .null,
      "races": .array(races.map(\.json)),
      "waits": .array(waits.map(\.json)),
      "cycle": .array(cycle.map(JSON.integer)),
      "potentialDeadlocks": .array(potentialDeadlocks.map { .array($0.map(\.json)) }),
      "locks": .array(locks.map(\.json)),
      "happensBefore": .array(orders.map(\.json)),
      "passing": passing?.json ?? .null,
      "limits": .array(limits.map(JSON.string)),
    ]
  }
}

extension JSON {
  fileprivate static func optional(_ number: Int?) -> JSON { number.map(JSON.integer) ?? .null }
}

extension SourcePlace {
  /// The place; null for what is not known.
  fileprivate var json: JSON {
    [
      "path": .optional(path.isEmpty ? nil : path),
      "line": .optional(line > 0 ? line : nil),
      "column": .optional(column > 0 ? column : nil),
    ]
  }
}

extension GILLabel {
  fileprivate var json: JSON {
    let name =
      switch self {
      case .shown: "shown"
      case .possible: "possible"
      case .notByModel: "not-by-model"
      case .unknown: "unknown"
      }
    return ["label": .string(name), "text": .string(words)]
  }
}

extension TimelineRow {
  fileprivate var json: JSON {
    [
      "step": .integer(step),
      "thread": .integer(thread),
      "kind": .string(kind.rawValue),
      "subject": .string(subject),
      "value": .optional(value),
      "place": place.json,
      "code": .optional(code),
      "marks": .array(marks.map(JSON.string)),
      "notable": .bool(isNotable),
      "further": .bool(isFurther),
    ]
  }
}

extension ThreadSwitch {
  fileprivate var json: JSON {
    [
      "event": .integer(row),
      "from": .integer(from),
      "to": .integer(to),
      "after": after.json,
      "before": before?.json ?? .null,
      "gil": gil.json,
    ]
  }
}

extension Conflict {
  fileprivate var json: JSON {
    [
      "subject": .string(subject),
      "events": .array(rows.map(JSON.integer)),
      "pattern": .optional(pattern?.rawValue),
      "overwritten": .optional(overwritten),
      "unordered": .bool(isUnordered),
      "held": .array(held.map { .array($0.map(JSON.string)) }),
    ]
  }
}

extension ThreadWait {
  fileprivate var json: JSON {
    [
      "thread": .integer(thread),
      "kind": .string(kind.rawValue),
      "wants": .string(wants),
      "place": place.json,
      "holder": .optional(holder),
      "holds": .array(
        holds.map { ["lock": .string($0.lock), "place": $0.place?.json ?? .null] }
      ),
    ]
  }
}

extension HeldLock {
  fileprivate var json: JSON {
    [
      "lock": .string(lock),
      "thread": .integer(thread),
      "from": .integer(from),
      "to": .optional(to),
    ]
  }
}

extension RowOrder {
  fileprivate var json: JSON {
    ["from": .integer(from), "to": .integer(to), "reason": .string(reason.rawValue)]
  }
}

extension PassingRun {
  fileprivate var json: JSON {
    [
      "events": .array(rows.map(\.json)),
      "locks": .array(locks.map(\.json)),
      "happensBefore": .array(orders.map(\.json)),
      "difference": .optional(difference),
      "instead": .optional(instead),
    ]
  }
}
