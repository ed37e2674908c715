import Healing
import HealingModel
import Synchronization

/// A program under schedules that is a function of a test.
final class FakeScheduled: ScheduledProgram {
  let identity: ProgramIdentity
  private let work: @Sendable (Schedule, ScheduleBatch) async throws -> Execution
  private let modules: [ImportedModule]
  private let interrupts: @Sendable (Interruption) -> Bool?
  private let forced: @Sendable (ForcedPlan) -> ForcedRun?
  private let log = Mutex<[ScheduleBatch]>([])
  private let plansSoFar = Mutex<[ForcedPlan]>([])

  init(
    interpreter: String = "1",
    modules: [ImportedModule] = [],
    interrupts: @escaping @Sendable (Interruption) -> Bool? = { _ in nil },
    forced: @escaping @Sendable (ForcedPlan) -> ForcedRun? = { _ in nil },
    _ work: @escaping @Sendable (Schedule, ScheduleBatch) async throws -> Execution
  ) {
    identity = ProgramIdentity(files: ["main": "0"], interpreter: interpreter, hashSeed: 0)
    self.work = work
    self.modules = modules
    self.interrupts = interrupts
    self.forced = forced
  }

  /// Every plan of a run of the program as it is.
  var plans: [ForcedPlan] { plansSoFar.withLock { $0 } }

  /// Every batch so far.
  var batches: [ScheduleBatch] { log.withLock { $0 } }

  /// How many schedules had a process each.
  var forked: Int { batches.filter { $0.isolation == .fork }.map(\.schedules.count).reduce(0, +) }

  func canInterrupt(_ pairs: [Interruption]) async throws -> [Bool?] { pairs.map(interrupts) }

  func force(_ plan: ForcedPlan) async throws -> ForcedRun? {
    plansSoFar.withLock { $0.append(plan) }
    return forced(plan)
  }

  func run(_ batch: ScheduleBatch) async throws -> ScheduledRuns {
    log.withLock { $0.append(batch) }
    var executions: [Execution] = []
    for schedule in batch.schedules { executions.append(try await work(schedule, batch)) }
    return ScheduledRuns(
      executions: executions,
      modules: batch.tellsModules ? modules : [],
      cpu: 0.25
    )
  }
}

/// Threads of a few operations each, which all begin at once.
struct TinyThreads: Sendable {
  enum Operation: Sendable {
    /// Takes a variable's value into the thread's own register.
    case load(String)
    /// Puts the register plus one into a variable.
    case store(String)
    case acquire(String)
    case release(String)
  }

  var threads: [[Operation]]
  /// What is printed when all is done, by the variables.
  var output: @Sendable ([String: Int]) -> String = { _ in "" }
  /// What ends the last thread, by the variables.
  var exception: @Sendable ([String: Int]) -> String? = { _ in nil }

  private static let numbers = ["a": 1, "b": 2, "x": 3, "y": 4]

  private struct State {
    var values: [String: Int] = [:]
    var registers: [Int]
    var next: [Int]
    var owners: [String: Int] = [:]
    var events: [TraceEvent] = []
    var sets: [ThreadChoice] = []
    var choices = ThreadRuns()
  }

  /// Runs under a schedule.
  func run(_ schedule: Schedule) -> Execution {
    var state = State(registers: threads.map { _ in 0 }, next: threads.map { _ in 0 })
    let prefix = schedule.prefix.threads
    var generator = SeededGenerator(seed: schedule.policy.seed)
    var current = 0
    while true {
      let open = threads.indices.filter { state.next[$0] < threads[$0].count }
      let ready = open.filter { canGoOn($0, state) }
      guard !ready.isEmpty else { return ended(state, open) }
      let step = state.choices.count
      if step < prefix.count {
        current = prefix[step]
      } else if schedule.policy != .continuing {
        current = ready.randomElement(using: &generator) ?? ready[0]
      } else if !ready.contains(current) {
        current = ready.first { $0 > current } ?? ready[0]
      }
      guard ready.contains(current) else {
        return Execution(end: .divergence, choices: state.choices)
      }
      take(current, ready, &state)
    }
  }

  private func canGoOn(_ thread: Int, _ state: State) -> Bool {
    if case .acquire(let lock) = threads[thread][state.next[thread]] {
      return state.owners[lock] == nil
    }
    return true
  }

  private func take(_ thread: Int, _ ready: [Int], _ state: inout State) {
    let operation = threads[thread][state.next[thread]]
    var event = TraceEvent(thread: thread, kind: .read, place: thread, choice: state.sets.count)
    switch operation {
    case .load(let name):
      event.object = Self.numbers[name] ?? 0
      state.registers[thread] = state.values[name] ?? 0
    case .store(let name):
      (event.kind, event.object) = (.write, Self.numbers[name] ?? 0)
      state.values[name] = state.registers[thread] + 1
    case .acquire(let name):
      (event.kind, event.object) = (.acquire, Self.numbers[name] ?? 0)
      state.owners[name] = thread
    case .release(let name):
      (event.kind, event.object) = (.release, Self.numbers[name] ?? 0)
      state.owners[name] = nil
    }
    state.sets.append(ThreadChoice(ready: ready))
    state.events.append(event)
    state.choices.append(thread)
    state.next[thread] += 1
  }

  private func ended(_ state: State, _ open: [Int]) -> Execution {
    var execution = Execution(
      end: open.isEmpty ? .completed : .deadlock,
      choices: state.choices,
      output: open.isEmpty ? output(state.values) : "",
      threads: threads.indices.map { "T\($0)" },
      trace: ExecutionTrace(
        events: state.events,
        choices: state.sets,
        objects: Dictionary(
          uniqueKeysWithValues: Self.numbers.map { ($1, SharedObject(name: $0, key: $0)) }
        ),
        tables: TraceTables(
          places: threads.indices.map { SourcePlace(path: "main", line: $0 + 1) }
        )
      )
    )
    if open.isEmpty, let type = exception(state.values) {
      execution.exceptions = [
        ThreadException(thread: 0, exception: ObservedException(type: type, message: "wrong"))
      ]
    }
    execution.cycle = open
    execution.blocked = open.map { thread in
      var wants = ""
      if case .acquire(let lock) = threads[thread][state.next[thread]] { wants = lock }
      return BlockedThread(
        thread: thread,
        kind: .acquire,
        object: wants,
        place: SourcePlace(path: "main", line: thread + 1),
        holder: state.owners[wants],
        holds: state.owners.filter { $0.value == thread }.keys.sorted()
      )
    }
    return execution
  }
}

extension TinyThreads {
  /// Two threads that both add one to `x`.
  static let lostUpdate = TinyThreads(
    threads: [[.load("x"), .store("x")], [.load("x"), .store("x")]],
    output: { "\($0["x"] ?? 0)" },
    exception: { $0["x"] == 2 ? nil : "Lost" }
  )
  /// The same under a lock.
  static let locked = TinyThreads(
    threads: [0, 1].map { _ in [.acquire("a"), .load("x"), .store("x"), .release("a")] },
    output: { "\($0["x"] ?? 0)" },
    exception: { $0["x"] == 2 ? nil : "Lost" }
  )
  /// Two locks in two orders.
  static let crossed = TinyThreads(
    threads: [
      [.acquire("a"), .acquire("b"), .release("b"), .release("a")],
      [.acquire("b"), .acquire("a"), .release("a"), .release("b")],
    ]
  )
}

extension SchedulePolicy {
  fileprivate var seed: UInt64 {
    switch self {
    case .continuing: 0
    case .random(let seed), .priorities(let seed, _, _): seed
    }
  }
}
