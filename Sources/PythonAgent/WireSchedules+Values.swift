import HealingModel

extension WireScheduleResult {
  /// The run, every number looked up in its table.
  func execution(_ tables: TraceTables) throws -> Execution {
    let names = tables.names
    func name(_ number: Int) throws -> String {
      guard names.indices.contains(number) else { throw wrong("name \(number)") }
      return names[number]
    }
    let choices = try runs()
    try confirm(assumed, below: choices.count, as: "steps")
    try confirm(cycle + exceptions.map(\.thread), below: threads.count, as: "threads")
    guard carriers.allSatisfy({ $0.count == 2 }) else { throw wrong("a carrier of what") }
    try confirm(carriers.flatMap(\.self), below: threads.count, as: "threads")
    return Execution(
      end: try ended(),
      choices: choices,
      exitStatus: exit ?? 0,
      output: output,
      threads: threads,
      carriers: Dictionary(carriers.map { ($0[0], $0[1]) }) { _, last in last },
      exceptions: exceptions,
      blocked: try blocked.map { one in
        guard let kind = TraceEventKind(wireName: one.kind) else { throw wrong(one.kind) }
        guard tables.places.indices.contains(one.place) else { throw wrong("place \(one.place)") }
        try confirm([one.thread, one.holder ?? 0], below: threads.count, as: "threads")
        return BlockedThread(
          thread: one.thread,
          kind: kind,
          object: try name(one.object),
          place: tables.places[one.place],
          holder: one.holder,
          holds: try one.holds.map(name),
          call: one.call
        )
      },
      cycle: cycle,
      leaks: try leaks.map { leak in
        guard leak.count == 2 else { throw wrong("a leak of \(leak.count) numbers") }
        try confirm([leak[0]], below: threads.count, as: "threads")
        return LockLeak(thread: leak[0], lock: try name(leak[1]))
      },
      assumed: assumed,
      isBounded: isBounded,
      limits: limits,
      unseen: unseen,
      foundShared: shared,
      trace: try events?.trace(tables, threads: threads.count)
    )
  }

  private func ended() throws -> ExecutionEnd {
    switch end {
    case "completed": .completed
    case "deadlock": .deadlock
    case "hang": .hang
    case "divergence": .divergence
    case "limit": .limit
    case "cut": .cut(cut)
    default: throw wrong("end `\(end)`")
    }
  }

  private func runs() throws -> ThreadRuns {
    guard choices.count.isMultiple(of: 2) else { throw wrong("choices of odd length") }
    var runs = ThreadRuns()
    for index in stride(from: 0, to: choices.count, by: 2) {
      let (thread, times) = (choices[index], choices[index + 1])
      guard threads.indices.contains(thread), (1...Self.stepLimit).contains(times) else {
        throw wrong("\(times) steps of thread \(thread)")
      }
      runs.append(thread, times: times)
    }
    return runs
  }

  /// More steps of a thread in a row than any run has.
  private static let stepLimit = 1 << 32

  private func confirm(_ numbers: [Int], below count: Int, as what: String) throws {
    guard let wrong = numbers.first(where: { !(0..<count).contains($0) }) else { return }
    throw self.wrong("\(wrong) of \(count) \(what)")
  }

  private func wrong(_ what: String) -> AgentError {
    .malformedReply("schedule: run \(index) has \(what)")
  }
}

extension WireEvents {
  /// Numbers of an event.
  private static let stride = 7

  /// The trace, every number checked.
  func trace(_ tables: TraceTables, threads: Int) throws -> ExecutionTrace {
    let objects = try objects(tables)
    guard rows.count.isMultiple(of: Self.stride) else { throw wrong("rows", rows.count) }
    var events: [TraceEvent] = []
    events.reserveCapacity(rows.count / Self.stride)
    for at in Swift.stride(from: 0, to: rows.count, by: Self.stride) {
      let isFurther = rows[at] < 0
      let thread = isFurther ? -1 - rows[at] : rows[at]
      guard thread < threads, !isFurther || at > 0 else { throw wrong("thread", rows[at]) }
      guard let kind = TraceEventKind(rawValue: rows[at + 1]) else {
        throw wrong("kind", rows[at + 1])
      }
      guard rows[at + 2] == 0 || objects[rows[at + 2]] != nil else {
        throw wrong("object", rows[at + 2])
      }
      guard rows[at + 3] == -1 || tables.names.indices.contains(rows[at + 3]) else {
        throw wrong("field", rows[at + 3])
      }
      guard tables.places.indices.contains(rows[at + 4]) else { throw wrong("place", rows[at + 4]) }
      guard sets.indices.contains(rows[at + 5]) else { throw wrong("set", rows[at + 5]) }
      let value = rows[at + 6]
      guard value == 0 || tables.names.indices.contains(value - 1) else {
        throw wrong("value", value)
      }
      events.append(
        TraceEvent(
          thread: thread,
          kind: kind,
          object: rows[at + 2],
          field: rows[at + 3],
          place: rows[at + 4],
          choice: rows[at + 5],
          value: value == 0 ? nil : value - 1,
          isFurther: isFurther
        )
      )
    }
    for number in sets.flatMap({ $0.ready + $0.timed }) where !(0..<threads).contains(number) {
      throw wrong("set with thread", number)
    }
    return ExecutionTrace(events: events, choices: sets, objects: objects, tables: tables)
  }

  private func objects(_ tables: TraceTables) throws -> [Int: SharedObject] {
    guard objects.count.isMultiple(of: 4) else { throw wrong("objects", objects.count) }
    var found: [Int: SharedObject] = [:]
    found.reserveCapacity(objects.count / 4)
    for at in Swift.stride(from: 0, to: objects.count, by: 4) {
      let (name, key, made) = (objects[at + 1], objects[at + 2], objects[at + 3])
      guard objects[at] > 0, tables.names.indices.contains(name),
        tables.names.indices.contains(key),
        tables.places.indices.contains(made)
      else { throw wrong("object", objects[at]) }
      found[objects[at]] = SharedObject(
        name: tables.names[name],
        key: tables.names[key],
        made: tables.places[made]
      )
    }
    return found
  }

  private func wrong(_ what: String, _ number: Int) -> AgentError {
    .malformedReply("schedule: an event has \(what) \(number)")
  }
}

extension TraceEventKind {
  /// Its name in capitals, as the protocol has it.
  var wireName: String { "\(self)".uppercased() }

  /// The kind of such a name.
  fileprivate init?(wireName: String) {
    guard let kind = Self.allCases.first(where: { $0.wireName == wireName }) else {
      return nil
    }
    self = kind
  }
}
