import HealingModel
import Scheduling

extension Explanation {
  /// The run in the Trace Event Format that Perfetto and Chrome load: a step is a microsecond.
  ///
  /// A thread's slices nest: its life, the locks that it holds, its steps. Viewers draw slices that
  /// overlap otherwise wrongly, so a lock that is given back before one taken later ends that one's
  /// slice too, and the rest of that one is a slice of its own. Arrows are the direct orders between
  /// threads.
  var perfetto: JSON {
    var events: [JSON] = [metadata("process_name", thread: 0, [("name", .string("threads"))])]
    for thread in threads.indices {
      events.append(metadata("thread_name", thread: thread, [("name", .string(threads[thread]))]))
      events.append(
        metadata("thread_sort_index", thread: thread, [("sort_index", .integer(thread))])
      )
    }
    let times = rowTimes
    for thread in Set(rows.map(\.thread)).sorted() {
      events += SliceBuilder(self, thread: thread, times: times).slices
    }
    events += rows.enumerated().filter { !$1.marks.isEmpty }.map { mark($1, at: times[$0]) }
    for (number, order) in orders.enumerated() { events += arrow(order, number, times) }
    return ["traceEvents": .array(events), "displayTimeUnit": "ns"]
  }

  /// When each row is drawn; rows of one step share its microsecond in equal parts, in nanoseconds.
  private var rowTimes: [ClosedRange<Int>] {
    var found: [ClosedRange<Int>] = []
    var index = 0
    while index < rows.count {
      let next = rows[index...].firstIndex { $0.step != rows[index].step } ?? rows.count
      let share = 1000 / (next - index)
      for part in 0..<(next - index) {
        let begin = rows[index].step * 1000 + part * share
        found.append(begin...(begin + max(1, share)))
      }
      index = next
    }
    return found
  }

  private func metadata(_ name: String, thread: Int, _ arguments: [(String, JSON)]) -> JSON {
    [
      "ph": "M", "pid": 1, "tid": .integer(thread + 1), "name": .string(name),
      "args": .object(arguments.map { JSON.Member(name: $0.0, value: $0.1) }),
    ]
  }

  private func mark(_ row: TimelineRow, at time: ClosedRange<Int>) -> JSON {
    [
      "ph": "i", "s": "t", "pid": 1, "tid": .integer(row.thread + 1),
      "ts": microseconds(time.lowerBound), "name": .string(row.marks.joined(separator: "; ")),
      "cat": "mark",
    ]
  }

  private func arrow(_ order: RowOrder, _ number: Int, _ times: [ClosedRange<Int>]) -> [JSON] {
    let ends = [("s", order.from), ("f", order.to)]
    return ends.map { phase, row in
      var members: [JSON.Member] = [
        .init(name: "ph", value: .string(phase)), .init(name: "id", value: .integer(number + 1)),
        .init(name: "pid", value: 1), .init(name: "tid", value: .integer(rows[row].thread + 1)),
        .init(name: "ts", value: microseconds(times[row].lowerBound)),
        .init(name: "name", value: .string(order.reason.rawValue)),
        .init(name: "cat", value: "happens-before"),
      ]
      if phase == "f" { members.append(.init(name: "bp", value: "e")) }
      return .object(members)
    }
  }
}

private func microseconds(_ nanoseconds: Int) -> JSON {
  nanoseconds % 1000 == 0
    ? .integer(nanoseconds / 1000) : .number(Double(nanoseconds) / 1000)
}

/// The slices of one thread, nested.
private struct SliceBuilder {
  private struct Open {
    var name: String
    var begin: Int
    var category: String
    var lock: String?
  }

  private(set) var slices: [JSON] = []
  private let thread: Int
  private var open: [Open] = []

  init(_ found: Explanation, thread: Int, times: [ClosedRange<Int>]) {
    self.thread = thread
    let mine = found.rows.indices.filter { found.rows[$0].thread == thread }
    guard let first = mine.first, let last = times.last else { return }
    let end = last.upperBound
    open = [Open(name: found.name(thread), begin: times[first].lowerBound, category: "thread")]
    let begins = Dictionary(grouping: found.locks.filter { $0.thread == thread }, by: \.from)
    let ends = Dictionary(grouping: found.locks.filter { $0.thread == thread }) { $0.to ?? -1 }
    for row in found.rows.indices {
      for lock in ends[row] ?? [] { close(lock.lock, at: times[row].lowerBound) }
      if found.rows[row].thread == thread {
        slices.append(slice(found.rows[row], times[row]))
      }
      for lock in begins[row] ?? [] {
        let held = Open(
          name: "holds \(lock.lock)",
          begin: times[row].upperBound,
          category: "lock",
          lock: lock.lock
        )
        open.append(held)
      }
    }
    while let one = open.popLast() { add(one, until: end) }
  }

  /// Ends a lock's slice, and begins anew those that were opened within it.
  private mutating func close(_ lock: String, at time: Int) {
    guard let index = open.lastIndex(where: { $0.lock == lock }) else { return }
    let inner = open[(index + 1)...]
    for one in inner.reversed() { add(one, until: time) }
    add(open[index], until: time)
    open.removeSubrange(index...)
    open += inner.map { one in
      var again = one
      again.begin = time
      return again
    }
  }

  private mutating func add(_ one: Open, until time: Int) {
    guard time > one.begin else { return }
    slices.append([
      "ph": "X", "pid": 1, "tid": .integer(thread + 1), "ts": microseconds(one.begin),
      "dur": microseconds(time - one.begin), "name": .string(one.name),
      "cat": .string(one.category),
    ])
  }

  private func slice(_ row: TimelineRow, _ time: ClosedRange<Int>) -> JSON {
    let value = row.value.map { "=\($0)" } ?? ""
    return [
      "ph": "X", "pid": 1, "tid": .integer(thread + 1), "ts": microseconds(time.lowerBound),
      "dur": microseconds(time.upperBound - time.lowerBound),
      "name": .string("\(row.kind.rawValue) \(row.subject)\(value)"), "cat": "step",
      "args": [
        "place": .string(row.place.shown), "code": .optional(row.code), "step": .integer(row.step),
      ],
    ]
  }
}
