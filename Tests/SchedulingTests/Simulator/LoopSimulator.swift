import HealingModel
import Scheduling

/// Runs small programs of tasks under schedules as the agent runs real ones.
///
/// Thread 0 runs the loop, then come the tasks and last the other thread.
struct LoopSimulator: Sendable {
  let program: LoopProgram

  /// What the loop's thread is at.
  private enum Phase: Equatable {
    case turning
    case beginning(Int)
    case running(Int)
    case calling(Int)
    case awaiting
    case over
  }

  private enum Ready: Equatable {
    case task(Int)
    case call(Int)
  }

  private struct Worker {
    var position = 0
    var register = 0
    var hasBegun = false
    var hasEnded = false
    var hasTimer = false
    var log = ""
  }

  /// Numbers of objects.
  private static let (loop, data) = (1, 2)
  private static func object(_ thread: Int) -> Int { 10 + thread }

  private var other: Int { program.tasks.count + 1 }

  /// What the program comes to under a schedule.
  func run(_ schedule: Schedule) -> Execution {
    var run = Run(self)
    return run.execute(schedule.prefix.threads)
  }

  private struct Run {
    let simulator: LoopSimulator
    var phase = Phase.turning
    var queue: [Ready]
    var left = 0
    var workers: [Worker]
    var variables = [0, 0]
    var choices: [Int] = []
    var events: [TraceEvent] = []
    var sets: [ThreadChoice] = []

    init(_ simulator: LoopSimulator) {
      self.simulator = simulator
      queue = simulator.program.tasks.indices.map { .task($0 + 1) }
      workers = Array(repeating: Worker(), count: simulator.other + 1)
      if simulator.program.other.isEmpty { workers[simulator.other].hasEnded = true }
      settle()
    }

    var choice: ThreadChoice {
      var ready: [Int] = []
      var timed: [Int] = []
      switch phase {
      case .turning:
        if !queue.isEmpty { ready = [0] }
        timed = workers.indices.filter { workers[$0].hasTimer }
      case .beginning(let task), .running(let task): ready = [task]
      case .calling: ready = [0]
      case .awaiting: if workers[simulator.other].hasEnded { ready = [0] }
      case .over: break
      }
      if !workers[simulator.other].hasEnded { ready.append(simulator.other) }
      return ThreadChoice(ready: ready, timed: timed)
    }

    mutating func execute(_ prefix: [Int]) -> Execution {
      while phase != .over {
        let choice = choice
        let able = choice.ready + choice.timed
        guard let first = able.first else { return finished(.hang) }
        let current = choices.last.flatMap { choice.ready.contains($0) ? $0 : nil }
        let chosen = choices.count < prefix.count ? prefix[choices.count] : current ?? first
        guard able.contains(chosen) else { return finished(.divergence) }
        sets.append(choice)
        choices.append(chosen)
        if chosen == simulator.other { stepOther() } else { stepLoop(chosen) }
        settle()
      }
      return finished(.completed)
    }

    // MARK: Steps

    private mutating func stepLoop(_ thread: Int) {
      switch phase {
      case .turning where thread == 0:
        note(0, .wake, LoopSimulator.loop, ordered: true)
        begin()
      case .turning:
        note(thread, .sleep, 0, ordered: true)
        workers[thread].hasTimer = false
        queue.append(.task(thread))
      case .beginning(let task):
        let begun = workers[task].hasBegun
        note(task, begun ? .wake : .start, begun ? 0 : LoopSimulator.object(task), ordered: true)
        workers[task].hasBegun = true
        phase = .running(task)
      case .running(let task): perform(task)
      case .calling(let variable):
        note(0, .write, LoopSimulator.data, field: variable)
        variables[variable] += 100
        next()
      case .awaiting:
        note(0, .join, LoopSimulator.object(simulator.other))
        phase = .over
      case .over: break
      }
    }

    private mutating func perform(_ task: Int) {
      let operations = simulator.program.tasks[task - 1]
      guard workers[task].position < operations.count else {
        note(task, .end, LoopSimulator.object(task), ordered: true)
        workers[task].hasEnded = true
        return next()
      }
      let operation = operations[workers[task].position]
      workers[task].position += 1
      switch operation {
      case .read, .write: access(task, operation)
      case .cancel(let number):
        guard workers[number + 1].hasTimer else { return perform(task) }
        let waiting = simulator.program.tasks[number][workers[number + 1].position - 1]
        guard waiting == .sleepUntilCancelled else { return perform(task) }
        workers[number + 1].hasTimer = false
        queue.append(.task(number + 1))
        perform(task)
      case .sleep, .sleepUntilCancelled:
        note(task, .wait, 0, ordered: true)
        workers[task].hasTimer = true
        next()
      case .pause, .tell:
        note(task, .wait, 0, ordered: true)
        queue.append(.task(task))
        next()
      }
    }

    private mutating func stepOther() {
      let other = simulator.other
      let operations = simulator.program.other
      guard workers[other].position < operations.count else {
        note(other, .end, LoopSimulator.object(other))
        workers[other].hasEnded = true
        return
      }
      let operation = operations[workers[other].position]
      workers[other].position += 1
      if case .tell(let variable) = operation {
        note(other, .notify, 0, ordered: true)
        queue.append(.call(variable))
      } else {
        access(other, operation)
      }
    }

    private mutating func access(_ thread: Int, _ operation: LoopProgram.Operation) {
      switch operation {
      case .read(let variable):
        note(thread, .read, LoopSimulator.data, field: variable)
        workers[thread].register = variables[variable]
        workers[thread].log += "\(variables[variable]) "
      case .write(let variable, let more):
        note(thread, .write, LoopSimulator.data, field: variable)
        variables[variable] = workers[thread].register + more
      default: break
      }
    }

    // MARK: The loop

    private mutating func begin() {
      left = queue.count
      next()
    }

    private mutating func next() {
      guard left > 0 else {
        let isDone = (1..<simulator.other).allSatisfy { workers[$0].hasEnded }
        phase = isDone ? .awaiting : .turning
        return
      }
      left -= 1
      switch queue.removeFirst() {
      case .task(let task): phase = .beginning(task)
      case .call(let variable): phase = .calling(variable)
      }
    }

    /// Where a loop has no choice it takes no step.
    private mutating func settle() {
      while phase == .turning, !queue.isEmpty, !workers.contains(where: \.hasTimer),
        simulator.program.other.isEmpty
      {
        begin()
      }
    }

    // MARK: What is told

    private mutating func note(
      _ thread: Int,
      _ kind: TraceEventKind,
      _ object: Int,
      field: Int = -1,
      ordered: Bool = false
    ) {
      let set = sets.count - 1
      events.append(
        TraceEvent(thread: thread, kind: kind, object: object, field: field, choice: set)
      )
      guard ordered else { return }
      let loop = LoopSimulator.loop
      events.append(
        TraceEvent(thread: thread, kind: .touch, object: loop, choice: set, isFurther: true)
      )
    }

    private func finished(_ end: ExecutionEnd) -> Execution {
      let threads = Array(0...simulator.other)
      var objects = Dictionary(
        uniqueKeysWithValues: threads.map { number in
          (LoopSimulator.object(number), SharedObject(name: "\(number)", key: "thread \(number)"))
        }
      )
      objects[LoopSimulator.loop] = SharedObject(name: "event loop", key: "Event loop 1")
      objects[LoopSimulator.data] = SharedObject(name: "data", key: "data")
      return Execution(
        end: end,
        choices: ThreadRuns(choices),
        output: workers.map { $0.log + "| " }.joined()
          + variables.map(String.init).joined(separator: " "),
        threads: threads.map(String.init),
        carriers: Dictionary(uniqueKeysWithValues: (1..<simulator.other).map { ($0, 0) }),
        trace: ExecutionTrace(
          events: events,
          choices: sets,
          objects: objects,
          tables: TraceTables(places: [SourcePlace()], names: ["a", "b"])
        )
      )
    }
  }

  // MARK: All schedules

  /// What all schedules come to, and how many classes of them there are.
  ///
  /// Those are of one class in which the steps of the loop's thread have one order, and those of the
  /// other thread one place among the ones that depend on them. Nil when there are more schedules
  /// than the limit.
  func everything(limit: Int = 1000) -> (outcomes: Set<String>, classes: Int)? {
    var frontier: [[Int]] = [[]]
    var (outcomes, classes): (Set<String>, Set<[Int]>) = ([], [])
    var runs = 0
    while let prefix = frontier.popLast() {
      runs += 1
      if runs > limit { return nil }
      let execution = run(Schedule(prefix: ThreadRuns(prefix)))
      guard let trace = execution.trace else { return nil }
      let threads = execution.choices.threads
      for place in prefix.count..<max(prefix.count, threads.count) {
        let choice = trace.choices[place]
        for other in choice.ready + choice.timed where other != threads[place] {
          frontier.append(threads[..<place] + [other])
        }
      }
      outcomes.insert("\(execution.end) \(execution.output)")
      classes.insert(signature(of: trace, threads))
    }
    return (outcomes, classes.count)
  }

  private func signature(of trace: ExecutionTrace, _ threads: [Int]) -> [Int] {
    let steps = Dictionary(grouping: trace.events, by: \.choice)
    var found = threads.filter { $0 != other }
    for place in threads.indices where threads[place] == other {
      found.append(-1)
      for (before, thread) in threads.enumerated() where thread != other {
        let dependent = steps[place, default: []].contains { one in
          steps[before, default: []].contains { one.depends(on: $0) }
        }
        if dependent { found.append(before < place ? 1 : 0) }
      }
    }
    return found
  }
}
