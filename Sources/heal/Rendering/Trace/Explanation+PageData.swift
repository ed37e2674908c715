import HealingModel
import Scheduling

extension Explanation {
  /// What the page's script draws.
  var pageData: JSON {
    var runs = [
      run(
        "failing",
        "the schedule that fails",
        rows,
        locks,
        orders,
        conflict: conflict?.rows ?? [],
        switches
      )
    ]
    if let passing {
      runs.append(
        run(
          "passing",
          "the nearest schedule that passes",
          passing.rows,
          passing.locks,
          passing.orders,
          conflict: [],
          []
        )
      )
    }
    return [
      "threads": .array(threads.map(thread)),
      "runs": .array(runs),
      "waits": .array(waits.map(wait)),
      "cycle": .array(cycle.map(JSON.integer)),
    ]
  }

  private func thread(_ name: String) -> JSON {
    let parts = ThreadName(name)
    return [
      "name": .string(printable(name)), "short": .string(printable(parts.short)),
      "target": .string(printable(parts.target ?? "")),
    ]
  }

  private func run(
    _ id: String,
    _ name: String,
    _ rows: [TimelineRow],
    _ locks: [HeldLock],
    _ orders: [RowOrder],
    conflict: [Int],
    _ switches: [ThreadSwitch]
  ) -> JSON {
    [
      "id": .string(id),
      "name": .string(name),
      "rows": .array(rows.map(row)),
      "locks": .array(locks.map(lock)),
      "orders": .array(
        orders.map { [.integer($0.from), .integer($0.to), .string($0.reason.rawValue)] }
      ),
      "conflict": .array(conflict.map(JSON.integer)),
      "minimal": .bool(isMinimal),
      "switches": .array(switches.enumerated().map { change($1, $0 + 1) }),
    ]
  }

  private func row(_ row: TimelineRow) -> JSON {
    [
      "time": .string(row.time),
      "thread": .integer(row.thread),
      "kind": .string(row.kind.rawValue),
      "subject": .string(printable(row.subject)),
      "value": .optional(row.value.map { printable($0) }),
      "place": .string(row.place.shown),
      "path": .string(printable(row.place.path) + (row.place.line > 0 ? ":\(row.place.line)" : "")),
      "code": .optional(row.code.map { printable($0) }),
      "marks": .array(row.marks.map { .string(printable($0)) }),
      "notable": .bool(row.isNotable),
    ]
  }

  private func lock(_ held: HeldLock) -> JSON {
    [
      .string(printable(held.lock)), .integer(held.thread), .integer(held.from),
      held.to.map(JSON.integer) ?? .null,
    ]
  }

  private func change(_ one: ThreadSwitch, _ number: Int) -> JSON {
    let (from, to) = (ThreadName(name(one.from)).short, ThreadName(name(one.to)).short)
    let text = "⇄ \(number)  \(from) → \(to)\(place(of: one))"
    return ["row": .integer(one.row), "text": .string(printable(text))]
  }

  /// Where the interrupted thread stands; of two places in one file the file is said once.
  private func place(of one: ThreadSwitch) -> String {
    let after = one.after.shown
    guard let place = one.before, !place.shown.isEmpty else {
      return after.isEmpty ? "" : ", after \(after)"
    }
    if after.isEmpty { return ", before \(place.shown)" }
    let before = place.path == one.after.path ? ":\(place.line)" : place.shown
    return ", between \(after) and \(before)"
  }

  private func wait(_ wait: ThreadWait) -> JSON {
    [
      "thread": .integer(wait.thread),
      "kind": .string(wait.kind.rawValue),
      "wants": .string(printable(wait.wants)),
      "place": .string("wants it at \(wait.place.shown)"),
      "holder": wait.holder.map(JSON.integer) ?? .null,
      "holds": .array(
        wait.holds.map { held in
          [
            "lock": .string(printable(held.lock)),
            "place": .optional(held.place?.shown),
          ]
        }
      ),
    ]
  }
}
