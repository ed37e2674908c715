import HealingModel

/// Turns a run's events into rows, with rows of their own for threads that block and exceptions.
struct TimelineBuilder {
  let run: Execution
  let trace: ExecutionTrace
  let names: TraceNames
  private let line: (SourcePlace) -> String?
  private(set) var rows: [TimelineRow] = []
  /// The rows of the trace's events.
  private(set) var rowOfEvent: [Int] = []
  private var nextOfThread: [Int: [Int]] = [:]
  private var able: Set<Int> = [0]

  init(_ run: Execution, _ trace: ExecutionTrace, line: @escaping (SourcePlace) -> String?) {
    self.run = run
    self.trace = trace
    self.line = line
    names = TraceNames(trace)
    build()
  }

  private mutating func build() {
    for (index, event) in trace.events.enumerated().reversed() where !trace.isOfLoop(event) {
      nextOfThread[event.thread, default: []].append(index)
    }
    var step = -1
    var unraised = run.exceptions
    for (index, event) in trace.events.enumerated() {
      let isOfLoop = trace.isOfLoop(event)
      if !isOfLoop { nextOfThread[event.thread]?.removeLast() }
      if !event.isFurther {
        step += 1
        addBlocked(at: step, index)
      }
      if event.kind == .end, let one = unraised.firstIndex(where: { $0.thread == event.thread }) {
        addRaise(unraised.remove(at: one), step)
      }
      if isOfLoop {
        // How an event loop goes on is not the program's: of that no row is shown.
        rowOfEvent.append(event.isFurther ? max(0, rows.count - 1) : rows.count)
        continue
      }
      rowOfEvent.append(rows.count)
      rows.append(row(of: event, at: index, step))
    }
    for one in unraised { addRaise(one, step) }
    for one in run.blocked { addBlocked(one, step) }
    rowOfEvent = rowOfEvent.map { max(0, min($0, rows.count - 1)) }
  }

  private func row(of event: TraceEvent, at index: Int, _ step: Int) -> TimelineRow {
    let place = trace.place(of: event)
    return TimelineRow(
      step: step,
      thread: event.thread,
      kind: RowKind(event.kind),
      subject: subject(of: event),
      value: names.value(event),
      place: place,
      code: line(place),
      isFurther: event.isFurther
    )
  }

  private func subject(of event: TraceEvent) -> String {
    switch event.kind {
    case .start, .end: return ThreadName(run.threadName(event.thread)).target ?? ""
    case .wait: return condition(ofWait: event) ?? names.object(event)
    case .spawn, .join, .read, .write, .touch, .acquire, .release, .try, .wake, .notify, .sleep,
      .timeout, .output, .yield:
      return names.subject(event)
    }
  }

  /// A wait gives back a lock; what is waited for shows at the thread's next event, or at its end.
  private func condition(ofWait event: TraceEvent) -> String? {
    if let next = nextOfThread[event.thread]?.last { return names.object(trace.events[next]) }
    return run.blocked.first { $0.thread == event.thread }.map { names.shown($0.object) }
  }

  /// Threads that could go on before and cannot now, because of a lock.
  private mutating func addBlocked(at step: Int, _ index: Int) {
    let choice = trace.events[index].choice
    guard trace.choices.indices.contains(choice) else { return }
    let now = Set(trace.choices[choice].ready)
    for thread in able.subtracting(now).sorted() {
      guard let next = nextOfThread[thread]?.last else { continue }
      guard trace.events[next].kind == .acquire, thread != trace.events[index].thread else {
        continue
      }
      let place = trace.place(of: trace.events[next])
      rows.append(
        TimelineRow(
          step: step,
          thread: thread,
          kind: .block,
          subject: names.object(trace.events[next]),
          place: place,
          code: line(place)
        )
      )
    }
    able = now
  }

  private mutating func addBlocked(_ one: BlockedThread, _ step: Int) {
    rows.append(
      TimelineRow(
        step: step + 1,
        thread: one.thread,
        kind: .block,
        subject: names.shown(one.object),
        place: one.place,
        code: line(one.place),
        isNotable: true
      )
    )
  }

  private mutating func addRaise(_ one: ThreadException, _ step: Int) {
    let place = one.place
    rows.append(
      TimelineRow(
        step: step,
        thread: one.thread,
        kind: .raise,
        subject: one.text,
        place: place,
        code: line(place),
        isNotable: true
      )
    )
  }
}

extension RowKind {
  init(_ kind: TraceEventKind) {
    self =
      switch kind {
      case .start: .start
      case .end: .end
      case .spawn: .spawn
      case .join: .join
      case .read: .read
      case .write: .write
      case .touch: .touch
      case .acquire: .acquire
      case .release: .release
      case .try: .try
      case .wait: .wait
      case .wake: .wake
      case .notify: .notify
      case .sleep: .sleep
      case .timeout: .timeout
      case .output: .output
      case .yield: .yield
      }
  }
}

extension ThreadException {
  /// Where it was raised.
  var place: SourcePlace {
    exception.frames.last.map { SourcePlace(path: $0.path, line: $0.line) } ?? SourcePlace()
  }

  /// The exception in one line.
  var text: String {
    exception.message.isEmpty ? exception.type : "\(exception.type): \(exception.message)"
  }
}

extension Execution {
  /// A thread's name; one that is not known has its number.
  func threadName(_ thread: Int) -> String {
    threads.indices.contains(thread) ? threads[thread] : "thread \(thread)"
  }
}

/// The name of a thread, taken apart: interpreters add what it runs in parentheses.
public struct ThreadName: Sendable, Hashable {
  /// The name without what it runs.
  public var short: String
  /// What it runs.
  public var target: String?

  /// Takes a name apart.
  public init(_ name: String) {
    guard name.hasSuffix(")"), let open = name.range(of: " (") else {
      short = name
      return
    }
    short = String(name[..<open.lowerBound])
    target = String(name[open.upperBound...].dropLast())
  }
}

extension String {
  /// The first place of a text; the standard library's own needs Foundation.
  fileprivate func range(of text: String) -> Range<String.Index>? { ranges(of: text).first }
}
