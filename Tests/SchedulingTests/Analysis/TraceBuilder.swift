import HealingModel

/// Makes the trace of a run by hand: who could go on at each step is worked out from the events.
struct TraceBuilder {
  /// The names of the threads; the first one runs from the beginning.
  var threads: [String]
  /// The file that the places are in.
  var path = "bank.py"
  private var events: [TraceEvent] = []
  private var wakes: [Int: [Int]] = [:]
  private var objects: [Int: SharedObject] = [:]
  private var numbers: [String: Int] = [:]
  private var tables = TraceTables(places: [SourcePlace()])

  init(_ threads: String...) {
    self.threads = threads
  }

  init(threads: [String]) {
    self.threads = threads
  }

  // MARK: Events

  /// Adds an event; answers its number.
  @discardableResult
  mutating func add(
    _ thread: Int,
    _ kind: TraceEventKind,
    _ object: String,
    _ field: String? = nil,
    value: String? = nil,
    line: Int = 0,
    further: Bool = false
  ) -> Int {
    events.append(
      TraceEvent(
        thread: thread,
        kind: kind,
        object: number(object, kind),
        field: field.map { name($0) } ?? -1,
        place: place(line),
        value: value.map { name($0) },
        isFurther: further
      )
    )
    return events.count - 1
  }

  /// A thread starts another one, which begins.
  mutating func start(_ thread: Int, by parent: Int = 0, line: Int = 0) {
    add(parent, .spawn, "thread \(thread)", line: line)
    add(thread, .start, "thread \(thread)")
  }

  /// A thread ends.
  mutating func end(_ thread: Int) { add(thread, .end, "thread \(thread)") }

  /// A thread waits for another one's end.
  mutating func join(_ thread: Int, by parent: Int = 0, line: Int = 0) {
    add(parent, .join, "thread \(thread)", line: line)
  }

  /// Waiting threads are woken.
  @discardableResult
  mutating func notify(_ thread: Int, _ condition: String, wakes woken: [Int], line: Int = 0) -> Int
  {
    let index = add(thread, .notify, condition, line: line)
    wakes[index] = woken
    return index
  }

  /// Says what an object is, by the beginning of its key.
  mutating func declare(_ object: String, as role: String) {
    objects[number(object, .read)] = SharedObject(name: object, key: "\(role) \(object)")
  }

  // MARK: What comes of it

  /// The trace.
  var trace: ExecutionTrace {
    var choices: [ThreadChoice] = []
    var settled = events
    var state = Readiness()
    for (index, event) in events.enumerated() {
      if !event.isFurther {
        let ready = state.ready(before: events[index...])
        let known = choices.firstIndex { $0.ready == ready }
        settled[index].choice = known ?? choices.count
        if known == nil { choices.append(ThreadChoice(ready: ready)) }
      }
      state.take(event, waking: wakes[index] ?? [])
    }
    return ExecutionTrace(events: settled, choices: choices, objects: objects, tables: tables)
  }

  /// A run with this trace.
  func run(_ end: ExecutionEnd = .completed, blocked: [BlockedThread] = [], cycle: [Int] = [])
    -> Execution
  {
    Execution(
      end: end,
      choices: ThreadRuns(events.filter { !$0.isFurther }.map(\.thread)),
      threads: threads,
      blocked: blocked,
      cycle: cycle,
      trace: trace
    )
  }

  /// A run with this trace that an exception ended.
  func run(
    raising type: String,
    _ message: String = "",
    in thread: Int,
    line: Int,
    code: String = ""
  )
    -> Execution
  {
    var run = run()
    let frame = Frame(path: path, line: line, function: "check", code: code)
    let exception = ObservedException(type: type, message: message, frames: [frame])
    run.exceptions = [ThreadException(thread: thread, exception: exception)]
    run.exitStatus = 1
    return run
  }

  /// The place of a line.
  func source(_ line: Int) -> SourcePlace { SourcePlace(path: path, line: line) }

  // MARK: Numbers

  private mutating func number(_ object: String, _ kind: TraceEventKind) -> Int {
    if let known = numbers[object] { return known }
    let number = numbers.count + 1
    numbers[object] = number
    let isThread = object.hasPrefix("thread ")
    let thread = isThread ? Int(object.dropFirst(7)) ?? 0 : 0
    let name = isThread && threads.indices.contains(thread) ? threads[thread] : object
    objects[number] = SharedObject(name: name, key: key(object, kind))
    return number
  }

  private func key(_ object: String, _ kind: TraceEventKind) -> String {
    switch kind {
    case .acquire, .release, .try, .wait: "Lock \(object)"
    case .wake, .notify: "Condition \(object)"
    default: object
    }
  }

  private mutating func name(_ text: String) -> Int {
    if let known = tables.names.firstIndex(of: text) { return known }
    tables.names.append(text)
    return tables.names.count - 1
  }

  private mutating func place(_ line: Int) -> Int {
    guard line > 0 else { return 0 }
    if let known = tables.places.firstIndex(of: source(line)) { return known }
    tables.places.append(source(line))
    return tables.places.count - 1
  }
}

/// Who can go on while a trace is read.
private struct Readiness {
  private var alive: Set<Int> = [0]
  private var waiting: Set<Int> = []
  private var ended: Set<Int> = []
  private var holders: [Int: Int] = [:]
  private var threads: [Int: Int] = [:]

  func ready(before rest: ArraySlice<TraceEvent>) -> [Int] {
    alive.filter { thread in
      guard !waiting.contains(thread) else { return false }
      guard let next = rest.first(where: { $0.thread == thread }) else { return true }
      switch next.kind {
      case .acquire: return holders[next.object] == nil
      case .join: return threads[next.object].map(ended.contains) ?? false
      default: return true
      }
    }.sorted()
  }

  mutating func take(_ event: TraceEvent, waking woken: [Int]) {
    switch event.kind {
    case .spawn:
      // The thread that the object stands for begins in one of the next events.
      break
    case .start:
      alive.insert(event.thread)
      threads[event.object] = event.thread
    case .end:
      alive.remove(event.thread)
      ended.insert(event.thread)
    case .acquire: holders[event.object] = event.thread
    case .release: holders[event.object] = nil
    case .wait:
      holders[event.object] = nil
      waiting.insert(event.thread)
    case .notify: waiting.subtract(woken)
    default: break
    }
  }
}
