public import HealingModel

/// Looks for the fewest switches that make a program fail as it did.
///
/// A switch is a step at which another thread goes on than the policy `.continuing` would choose.
/// It is named by what its thread has done so far, not by the number of the step, so that it keeps
/// its meaning when switches before it are left out. First all schedules with a single switch are
/// tried, where they are few; else sets of switches are left out of the given execution as in delta
/// debugging (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002),
/// until no single one can be. Driven from outside, as explorations are; all schedules need
/// executions with a trace.
public struct Minimization: Sendable {
  /// What was found.
  public struct Result: Sendable {
    /// The schedule: up to the last switch, from where on the policy does the rest.
    public var schedule: Schedule
    /// Its execution.
    public var execution: Execution
    /// The numbers of the steps at which another thread goes on than the policy would choose.
    public var switches: [Int]
    /// How many of them leave a thread that could have gone on.
    public var preemptions: Int
    /// Whether it is known that the failure goes away, or changes, without any single one of the
    /// switches.
    public var isMinimal: Bool
    /// An execution that differs in a single switch and does not fail; nil when none was found.
    public var nearestPassing: Execution?
  }

  private enum State {
    case repeating
    case plain
    case single
    case removing(size: Int)
    case passing
    case done
  }

  /// How many schedules that differ in one switch are tried at most.
  private static let alternatives = 400

  private let failure: ScheduleFailure
  private var budget: Int
  private var state = State.repeating
  private var current: SwitchedRun?
  private var trials: [Int: Trial] = [:]
  private var outstanding: [Schedule: [Int]] = [:]
  private var waiting: [(schedule: Schedule, trial: Int)] = []
  private var nearest: (trial: Int, execution: Execution)?
  private var isMinimal = false
  private var reader = StepReader()

  /// Makes a search.
  ///
  /// - Parameters:
  ///   - execution: An execution that fails.
  ///   - failure: How it fails.
  ///   - budget: How many runs may be spent.
  public init(of execution: Execution, failing failure: ScheduleFailure, budget: Int = 2000) {
    self.failure = failure
    self.budget = budget
    waiting = [(Schedule(prefix: execution.choices), 0)]
  }

  /// The next schedules to run; none when the search is over, provided that all executions were
  /// handed back.
  public mutating func next(_ count: Int) -> [Schedule] {
    var found: [Schedule] = []
    while found.count < count, !waiting.isEmpty, budget > 0 {
      let (schedule, trial) = waiting.removeFirst()
      let isNew = outstanding[schedule] == nil
      outstanding[schedule, default: []].append(trial)
      guard isNew else { continue }
      budget -= 1
      found.append(schedule)
    }
    if budget <= 0, outstanding.isEmpty { state = .done }
    return found
  }

  /// Learns from an execution of a schedule that ``next(_:)`` returned.
  ///
  /// - Parameters:
  ///   - execution: The execution.
  ///   - schedule: The schedule.
  ///   - found: How the execution fails; nil when it does not.
  public mutating func take(
    _ execution: Execution,
    of schedule: Schedule,
    failing found: ScheduleFailure?
  ) {
    guard let owners = outstanding.removeValue(forKey: schedule) else { return }
    let steps = reader.steps(of: execution)
    for owner in owners {
      guard let steps else {
        trials[owner] = nil
        continue
      }
      let run = ObservedRun(execution: execution, steps: steps, failure: found)
      if case .repeating = state { begin(with: run) } else { resume(owner, run) }
    }
    if waiting.isEmpty, outstanding.isEmpty { endRound() }
  }

  /// What was found; nil while the failing execution was not repeated, or when it did not fail
  /// again.
  public var result: Result? {
    guard let current else { return nil }
    let steps = current.run.execution.choices.threads
    let last = current.switches.last?.place ?? -1
    return Result(
      schedule: Schedule(prefix: ThreadRuns(steps[...last])),
      execution: current.run.execution,
      switches: current.switches.map(\.place),
      preemptions: current.preemptions,
      isMinimal: isMinimal,
      nearestPassing: nearest?.execution
    )
  }

  // MARK: Rounds

  private mutating func begin(with run: ObservedRun) {
    guard run.failure == failure else {
      state = .done
      return
    }
    let switched = SwitchedRun(run: run, switches: run.switches)
    current = switched
    guard switched.switches.count > 1 else { return beginRemoving(size: 1) }
    state = .plain
    add(Trial(prefix: [], applied: [], remaining: []))
  }

  private mutating func add(_ trial: Trial) {
    let number = trials.count
    trials[number] = trial
    waiting.append((Schedule(prefix: ThreadRuns(trial.prefix)), number))
  }

  /// Every schedule with one switch, seen from the execution without any.
  private mutating func beginSingle(from run: ObservedRun) {
    state = .single
    trials = [:]
    let threads = run.execution.choices.threads
    let places = run.alternatives(from: 1)
    guard places.count <= Self.alternatives else { return }
    for (place, other) in places {
      let deviation = run.deviation(to: other, at: place)
      add(Trial(prefix: threads[..<place] + [other], applied: [deviation], remaining: []))
    }
  }

  private mutating func beginRemoving(size wanted: Int? = nil) {
    guard let current else { return }
    let size = max(1, min(wanted ?? .max, current.switches.count))
    state = .removing(size: size)
    trials = [:]
    nearest = nil
    let switches = current.switches
    for start in stride(from: 0, to: switches.count, by: size) {
      let end = min(start + size, switches.count)
      add(
        Trial(
          prefix: Array(current.run.execution.choices.threads[..<switches[start].place]),
          applied: Array(switches[..<start]),
          remaining: Array(switches[end...])
        )
      )
    }
  }

  private mutating func resume(_ number: Int, _ run: ObservedRun) {
    if case .passing = state {
      notePassing(number, run)
      return
    }
    guard var trial = trials[number] else { return }
    if run.failure == failure {
      trial.found = SwitchedRun(run: run, switches: trial.applied)
    } else if case .plain = state {
      return beginSingle(from: run)
    } else if trial.advance(by: run) {
      waiting.append((Schedule(prefix: ThreadRuns(trial.prefix)), number))
    } else {
      notePassing(number, run)
    }
    trials[number] = trial
  }

  private mutating func notePassing(_ number: Int, _ run: ObservedRun) {
    guard run.failure == nil, run.execution.end == .completed else { return }
    if let nearest, nearest.trial > number { return }
    nearest = (number, run.execution)
  }

  private mutating func endRound() {
    switch state {
    case .repeating, .done: return
    case .passing: state = .done
    case .plain, .single:
      if let best { current = best }
      beginRemoving()
    case .removing(let size):
      if let best {
        current = best
        beginRemoving(size: size)
      } else if size > 1 {
        beginRemoving(size: size / 2)
      }
    }
    if waiting.isEmpty, case .removing = state { beginPassing() }
  }

  /// The least of the executions that fail as they should.
  private var best: SwitchedRun? {
    trials.sorted { $0.key < $1.key }.compactMap(\.value.found).min()
  }

  /// Without a passing execution among those that lack one switch: those with one more, latest
  /// first.
  private mutating func beginPassing() {
    isMinimal = true
    state = .done
    guard nearest == nil, let current else { return }
    let threads = current.run.execution.choices.threads
    let places = current.run.alternatives(from: (current.switches.last?.place ?? 0) + 1)
    for (number, alternative) in places.suffix(Self.alternatives).enumerated() {
      let prefix = threads[..<alternative.place] + [alternative.thread]
      waiting.append((Schedule(prefix: ThreadRuns(prefix)), number))
    }
    if !waiting.isEmpty { state = .passing }
  }
}
