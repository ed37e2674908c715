import HealingModel

extension ToyState {
  /// The threads that can go on, by their numbers.
  var choice: ThreadChoice {
    var choice = ThreadChoice(ready: [])
    for (number, worker) in started.enumerated() {
      switch status(worker) {
      case .ready: choice.ready.append(number)
      case .timed: choice.timed.append(number)
      case .blocked, .gone: break
      }
    }
    return choice
  }

  /// What the program leaves behind.
  var result: String {
    output + variables.map(String.init).joined(separator: " ")
  }

  /// All that a person would tell two executions apart by.
  var outcome: String {
    isOver ? result : (isCircular ? "deadlock " : "hang ") + result
  }

  /// Whether threads wait for each other in a circle.
  var isCircular: Bool { !circle.isEmpty }

  /// The threads that wait for each other in a circle, by number.
  var circle: [Int] {
    let waiting = blocked
    for start in waiting {
      var trail: [Int] = []
      var next: Int? = start.thread
      while let one = next, !trail.contains(one) {
        trail.append(one)
        next = waiting.first { $0.thread == one }?.holder
        if let found = next, !waiting.contains(where: { $0.thread == found }) { next = nil }
      }
      if let one = next { return Array(trail.drop { $0 != one }) }
    }
    return []
  }

  /// The threads that wait, and for what.
  var blocked: [BlockedThread] {
    started.enumerated().compactMap { number, worker in
      guard status(worker) == .blocked else { return nil }
      let (kind, object, _) = announced(worker)
      return BlockedThread(
        thread: number,
        kind: kind,
        object: ToyObject.name(object),
        place: place(of: worker),
        holder: holder(of: object),
        holds: holders.indices.filter { holders[$0] == worker }.map {
          ToyObject.name(ToyObject.lock($0))
        }
      )
    }
  }

  /// Each operation of the program has a line of its own.
  func place(of worker: Int) -> SourcePlace {
    SourcePlace(path: "toy", line: 100 * worker + workers[worker].position, column: 1)
  }

  private func holder(of object: Int) -> Int? {
    if (10..<20).contains(object) {
      return holders[object - 10].map { workers[$0].number }
    }
    return object >= 30 ? workers[object - 30].number : nil
  }
}
