import HealingModel

/// The state of a program between two steps.
struct ToyState: Hashable, Sendable {
  /// What a thread is at.
  enum Phase: Hashable, Sendable {
    case unborn
    case starting
    case running
    /// Waits for a condition, then for its lock.
    case waiting(Int, timed: Bool, notified: Bool)
    case reacquiring(Int)
    case ended
  }

  struct Worker: Hashable, Sendable {
    var phase = Phase.unborn
    var position = 0
    var register = 0
    var isJoined = false
    var isJoinedByMain = false
    /// The number that it got when it was started.
    var number = 0
  }

  /// The program, which is the same in all states that are compared.
  private struct Fixed: Hashable, Sendable {
    let program: ToyProgram
    static func == (_: Fixed, _: Fixed) -> Bool { true }
    func hash(into _: inout Hasher) {}
  }

  private let fixed: Fixed
  var program: ToyProgram { fixed.program }
  var variables: [Int]
  var holders: [Int?]
  var queues: [[Int]]
  /// In the order of the program, not of their numbers.
  var workers: [Worker]
  /// The workers in the order in which they were started.
  var started = [0]
  var output = ""
  var isSolo = true
  var isOver = false

  init(_ program: ToyProgram) {
    fixed = Fixed(program: program)
    variables = program.variables
    holders = Array(repeating: nil, count: program.locks)
    queues = Array(repeating: [], count: program.conditions.count)
    workers = Array(repeating: Worker(), count: program.threads.count)
    workers[0].phase = .running
    settle(0)
  }

  /// What a worker would do next.
  func pending(_ worker: Int) -> ToyProgram.Operation? {
    guard workers[worker].phase == .running else { return nil }
    let operations = program.threads[worker]
    if workers[worker].position < operations.count { return operations[workers[worker].position] }
    guard worker == 0 else { return nil }
    return started.first { one in
      one != 0 && !program.daemons.contains(one)
        && !(workers[one].phase == .ended && isOver(one))
    }.map { .join($0) }
  }

  /// Whether the main thread, at its end, knows that a thread was waited for, whichever way it went.
  private func isOver(_ worker: Int) -> Bool {
    workers[worker].isJoinedByMain || workers[worker].isJoined && isSolo
  }

  enum Status { case ready, timed, blocked, gone }

  /// Whether a worker can go on.
  func status(_ worker: Int) -> Status {
    if isOver { return .gone }
    switch workers[worker].phase {
    case .unborn, .ended: return .gone
    case .starting: return .ready
    case .waiting(_, _, notified: true): return .ready
    case .waiting(_, let timed, notified: false): return timed ? .timed : .blocked
    case .reacquiring(let condition):
      return holders[program.conditions[condition]] == nil ? .ready : .blocked
    case .running: break
    }
    switch pending(worker) {
    case .acquire(let lock): return holders[lock] == nil ? .ready : .blocked
    case .acquireFor(let lock, _): return holders[lock] == nil ? .ready : .timed
    case .join(let other): return workers[other].phase == .ended ? .ready : .blocked
    case .joinFor(let other): return workers[other].phase == .ended ? .ready : .timed
    case .sleep: return .timed
    default: return .ready
    }
  }

  /// What a worker has announced: the kind of its next step, its object and field.
  func announced(_ worker: Int) -> (kind: TraceEventKind, object: Int, field: Int) {
    switch workers[worker].phase {
    case .starting: return (.start, ToyObject.thread(worker), -1)
    case .waiting(let condition, _, _): return (.wake, ToyObject.condition(condition), -1)
    case .reacquiring(let condition):
      return (.acquire, ToyObject.lock(program.conditions[condition]), -1)
    case .unborn, .ended, .running: break
    }
    switch pending(worker) {
    case .read(let variable): return (.read, ToyObject.data, variable)
    case .write(let variable, _): return (.write, ToyObject.data, variable)
    case .sum: return (.read, ToyObject.data, 0)
    case .acquire(let lock), .acquireFor(let lock, _), .attempt(let lock, _):
      return (.acquire, ToyObject.lock(lock), -1)
    case .release(let lock): return (.release, ToyObject.lock(lock), -1)
    case .wait(let condition), .waitFor(let condition):
      return (.wait, ToyObject.lock(program.conditions[condition]), -1)
    case .notify(let condition), .notifyAll(let condition):
      return (.notify, ToyObject.condition(condition), -1)
    case .spawn(let other): return (.spawn, ToyObject.thread(other), -1)
    case .join(let other), .joinFor(let other): return (.join, ToyObject.thread(other), -1)
    case .isAlive(let other): return (.read, ToyObject.thread(other), -1)
    case .output: return (.output, ToyObject.output, -1)
    case .sleep: return (.sleep, 0, -1)
    case .yield: return (.yield, 0, -1)
    case .unlessZero, nil: return (.end, worker == 0 ? 0 : ToyObject.thread(worker), -1)
    }
  }

  /// Lets a worker that can go on take its step.
  ///
  /// - Parameter worker: The worker.
  /// - Returns: The events of the step; objects have their fixed numbers.
  mutating func step(_ worker: Int) -> [TraceEvent] {
    let (kind, object, field) = announced(worker)
    var event = TraceEvent(thread: workers[worker].number, kind: kind, object: object, field: field)
    var further: [TraceEvent] = []
    if status(worker) == .timed {
      if kind != .sleep { event.kind = .timeout }
      timeOut(worker)
    } else if case .attempt(let lock, let skipped) = pending(worker), holders[lock] != nil {
      event.kind = .try
      workers[worker].position += 1 + skipped
    } else {
      if pending(worker) == .sum {
        further = variables.indices.dropFirst().map {
          TraceEvent(thread: event.thread, kind: .read, object: object, field: $0, isFurther: true)
        }
      }
      take(worker)
    }
    settle(worker)
    return [event] + further
  }

  private mutating func timeOut(_ worker: Int) {
    if case .waiting(let condition, _, _) = workers[worker].phase {
      // It stays in the queue until it has the lock again, and a notification can be lost on it.
      workers[worker].phase = .reacquiring(condition)
      return
    }
    if case .acquireFor(_, let skipped) = pending(worker) { workers[worker].position += skipped }
    workers[worker].position += 1
  }

  private mutating func take(_ worker: Int) {
    switch workers[worker].phase {
    case .starting: workers[worker].phase = .running
    case .waiting(let condition, _, _): workers[worker].phase = .reacquiring(condition)
    case .reacquiring(let condition):
      holders[program.conditions[condition]] = worker
      queues[condition].removeAll { $0 == worker }
      workers[worker].phase = .running
      workers[worker].position += 1
    case .unborn, .ended: break
    case .running:
      guard let operation = pending(worker) else {
        if worker == 0 { isOver = true }
        workers[worker].phase = .ended
        return
      }
      perform(operation, by: worker)
    }
  }

  private mutating func perform(_ operation: ToyProgram.Operation, by worker: Int) {
    workers[worker].position += 1
    switch operation {
    case .read(let variable): workers[worker].register = variables[variable]
    case .write(let variable, let value):
      variables[variable] = value.value(workers[worker].register)
    case .sum: workers[worker].register = variables.reduce(0, &+)
    case .acquire(let lock), .attempt(let lock, _), .acquireFor(let lock, _):
      holders[lock] = worker
    case .release(let lock): holders[lock] = nil
    case .wait(let condition): beginWaiting(worker, condition, timed: false)
    case .waitFor(let condition): beginWaiting(worker, condition, timed: true)
    case .notify(let condition): wake(condition, count: 1)
    case .notifyAll(let condition): wake(condition, count: queues[condition].count)
    case .unlessZero(let skipped):
      if workers[worker].register != 0 { workers[worker].position += skipped }
    case .spawn(let other):
      isSolo = false
      workers[other].phase = .starting
      workers[other].number = started.count
      started.append(other)
    case .join(let other), .joinFor(let other):
      workers[other].isJoined = true
      if worker == 0 { workers[other].isJoinedByMain = true }
      isSolo = started.allSatisfy {
        $0 == worker || workers[$0].phase == .ended && workers[$0].isJoined
      }
    case .isAlive(let other): workers[worker].register = workers[other].phase == .ended ? 0 : 1
    case .output: output += "\(worker):\(workers[worker].register) "
    case .sleep, .yield: break
    }
  }

  private mutating func beginWaiting(_ worker: Int, _ condition: Int, timed: Bool) {
    holders[program.conditions[condition]] = nil
    queues[condition].append(worker)
    workers[worker].position -= 1
    workers[worker].phase = .waiting(condition, timed: timed, notified: false)
  }

  private mutating func wake(_ condition: Int, count: Int) {
    for worker in queues[condition].prefix(count) {
      if case .waiting(_, let timed, _) = workers[worker].phase {
        workers[worker].phase = .waiting(condition, timed: timed, notified: true)
      }
    }
    queues[condition].removeFirst(min(count, queues[condition].count))
  }

  /// Does what is no step: branches, and all that the main thread does while it is alone.
  private mutating func settle(_ worker: Int) {
    while !isOver, workers[worker].phase == .running {
      switch pending(worker) {
      case .unlessZero(let skipped): perform(.unlessZero(skip: skipped), by: worker)
      case .spawn: return
      case nil:
        if worker == 0, isSolo { isOver = true }
        return
      case let operation?:
        guard isSolo else { return }
        perform(operation, by: worker)
      }
    }
  }
}
