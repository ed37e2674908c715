public import HealingModel

/// Preempts threads at accesses of shared state alone, one preemption more with each round.
///
/// Of each execution it takes the accesses of shared state, and has each thread that could go on do
/// so just before or just after one of them: what active testing does for pairs of accesses that may
/// race (Sen, "Race Directed Random Testing of Concurrent Programs", 2008; Park, Lu and Zhou,
/// "CTrigger", 2009). Where most steps are those of a library below the program, such as an executor's,
/// random strategies spend their preemptions there; accesses of the program's own are few. It ends
/// when all of them were tried, or a number of schedules was.
public struct AccessExploration: Exploration {
  /// What is to be run, at accesses of single fields and items first: of whole objects are those of
  /// libraries, which are many.
  private var waiting: (fields: [ThreadRuns], objects: [ThreadRuns]) = ([ThreadRuns()], [])
  private var known: Set<ThreadRuns> = []
  private var left: Int
  private var reader = StepReader()
  private var shortfalls: Set<Shortfall> = [.sampled]
  /// How many executions were handed back so far.
  public private(set) var counts = ExplorationCounts()

  /// Makes a strategy.
  ///
  /// - Parameter most: How many schedules it asks for at most.
  public init(most: Int) { left = max(0, most) }

  /// The next schedules: those of the earliest executions first.
  public mutating func next(_ count: Int) -> [Schedule] {
    let number = max(0, min(count, left))
    let fields = waiting.fields.prefix(number)
    waiting.fields.removeFirst(fields.count)
    let objects = waiting.objects.prefix(number - fields.count)
    waiting.objects.removeFirst(objects.count)
    left -= fields.count + objects.count
    return (fields + objects).map { Schedule(prefix: $0) }
  }

  /// Looks for accesses in an execution at which no thread was preempted yet.
  public mutating func take(_ execution: Execution, of schedule: Schedule) {
    counts.add(execution)
    shortfalls.formUnion(execution.shortfalls)
    guard left > waiting.fields.count, execution.end != .divergence else { return }
    guard let steps = reader.steps(of: execution) else {
      shortfalls.insert(.unreadable)
      return
    }
    var prefix = ThreadRuns()
    for (place, step) in steps.enumerated() {
      let accesses = step.events.filter { $0.kind.isAccess && $0.object != step.loop }
      let isField = accesses.contains { $0.field >= 0 }
      if !accesses.isEmpty, place >= schedule.prefix.count {
        preempt(before: step, isField: isField, after: prefix)
      }
      prefix.append(step.thread)
      if !accesses.isEmpty, place + 1 >= schedule.prefix.count, place + 1 < steps.count {
        preempt(before: steps[place + 1], isField: isField, after: prefix)
      }
    }
  }

  /// What was tried is a sample.
  public var completeness: Completeness { .incomplete(shortfalls) }

  /// Has each other thread that can go on do so in the place of a step.
  private mutating func preempt(
    before step: ExecutionStep,
    isField: Bool,
    after prefix: ThreadRuns
  ) {
    for thread in step.ready + step.timed where thread != step.thread {
      // More than may be run need not be kept.
      guard (isField ? waiting.fields.count : waiting.objects.count) < left else { return }
      var changed = prefix
      changed.append(thread)
      guard known.insert(changed).inserted else { continue }
      if isField { waiting.fields.append(changed) } else { waiting.objects.append(changed) }
    }
  }
}
