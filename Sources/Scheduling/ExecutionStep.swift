import HealingModel

/// One step of an execution: what a thread did between two choices.
struct ExecutionStep: Sendable {
  /// The thread that was chosen.
  var thread: Int
  /// What it did first, as it had announced.
  var first: TraceEvent
  /// Further accesses of the same step.
  var further: [TraceEvent] = []
  /// Threads that could go on.
  var ready: [Int] = []
  /// Threads that waited for a time.
  var timed: [Int] = []
  /// Where it happened, for a step that may have had to wait.
  var place: SourcePlace?
  /// The thread that runs it: a task's steps are taken on that of its event loop.
  var carrier: Int
  /// The event loop whose order it is part of, 0 for none.
  var loop = 0
  /// What the event loop could have done in its place.
  var rivals: [Int] = []

  /// Makes a step of a thread.
  init(thread: Int, first: TraceEvent) {
    self.thread = thread
    self.first = first
    carrier = thread
  }

  /// Whether a thread could have taken this step.
  func couldTake(_ thread: Int) -> Bool { ready.contains(thread) || timed.contains(thread) }

  /// Whether the order of two steps of different threads can matter.
  func depends(on other: ExecutionStep) -> Bool {
    if first.depends(on: other.first) { return true }
    if further.isEmpty, other.further.isEmpty { return false }
    return events.contains { one in other.events.contains { one.depends(on: $0) } }
  }

  /// All events of the step.
  var events: [TraceEvent] { [first] + further }
}

/// Reads the steps out of traces of one program.
///
/// Numbers of fields stand for texts of one process; here they are made the same for all traces
/// that one reader reads. Numbers of objects are those of each run; they agree as far as runs took
/// the same steps.
struct StepReader: Sendable {
  private var fields: [String: Int] = [:]

  /// The steps that an execution's trace tells of; nil when there is no trace, or it is not that of
  /// the choices.
  mutating func steps(of execution: Execution) -> [ExecutionStep]? {
    guard let trace = execution.trace else { return nil }
    let loops = execution.carriers.isEmpty ? [] : trace.eventLoops
    var found: [ExecutionStep] = []
    found.reserveCapacity(execution.choices.count)
    for var event in trace.events {
      event.field = field(event.field, in: trace)
      if event.isFurther {
        guard let last = found.indices.last else { return nil }
        found[last].further.append(event)
        if loops.contains(event.object) {
          found[last].loop = event.object
          found[last].rivals = rivals(of: found[last], in: execution)
        }
        continue
      }
      guard trace.choices.indices.contains(event.choice) else { return nil }
      let choice = trace.choices[event.choice]
      var step = ExecutionStep(thread: event.thread, first: event)
      step.ready = choice.ready
      step.timed = choice.timed
      step.carrier = execution.carrier(of: event.thread)
      step.place = event.kind.isWaiting ? trace.place(of: event) : nil
      found.append(step)
    }
    return found.count == execution.choices.count ? found : nil
  }

  private func rivals(of step: ExecutionStep, in execution: Execution) -> [Int] {
    (step.ready + step.timed).filter {
      $0 != step.thread && execution.carrier(of: $0) == step.carrier
    }
  }

  private mutating func field(_ number: Int, in trace: ExecutionTrace) -> Int {
    // A field without a name could be any.
    guard number >= 0, let name = trace.text(number) else { return -1 }
    if let known = fields[name] { return known }
    fields[name] = fields.count
    return fields.count - 1
  }
}

extension ExecutionTrace {
  /// The numbers of the event loops.
  var eventLoops: Set<Int> { Set(objects.filter { $0.value.isEventLoop }.keys) }
}

extension TraceEventKind {
  /// Whether a thread may have to wait before it can do this.
  var isWaiting: Bool {
    switch self {
    case .acquire, .try, .join, .wake, .timeout: true
    case .start, .end, .spawn, .read, .write, .touch, .release, .wait, .notify, .sleep, .output,
      .yield:
      false
    }
  }
}
