/// The first and last bytes of an output, as text, and how long it was in all.
public struct BoundedText: Sendable, Hashable, Codable {
  /// The beginning.
  public var head: String
  /// The end, when the whole did not fit in `head`; else empty.
  public var tail: String
  /// The length of the whole, in bytes.
  public var total: Int

  /// Makes a bounded text.
  public init(head: String = "", tail: String = "", total: Int? = nil) {
    self.head = head
    self.tail = tail
    self.total = total ?? head.utf8.count
  }

  /// The text as a person reads it, with a note of what was left out.
  public var text: String {
    let left = total - head.utf8.count - tail.utf8.count
    return left > 0 ? "\(head)\n… \(left) bytes left out …\n\(tail)" : head + tail
  }

  /// Whether nothing was left out.
  public var isWhole: Bool { total <= head.utf8.count + tail.utf8.count }
}

/// How a process ended.
public enum Exit: Sendable, Hashable, Codable {
  /// It ended itself with this status.
  case code(Int)
  /// A signal ended it.
  case signal(Int)
}

/// Why a run stopped.
public enum Stop: String, Sendable, Hashable, Codable {
  /// The program ended by itself.
  case finished
  /// It burnt its time in a loop that does not end.
  case endlessLoop
  /// It waited for something that did not come.
  case hang
  /// It reached the memory cap.
  case memory
  /// It wrote more than the output cap.
  case output
  /// It started more processes than the cap.
  case processes
  /// Something else ended it.
  case killed
}

/// A local variable as it was, bounded; secrets are masked.
public struct ObservedValue: Sendable, Hashable, Codable {
  /// The name of its type.
  public var type: String
  /// What it looks like; only exact built-in types are rendered.
  public var repr: String

  /// Makes an observed value.
  public init(type: String, repr: String) {
    self.type = type
    self.repr = repr
  }
}

/// One level of a traceback or of a thread's stack.
public struct Frame: Sendable, Hashable, Codable {
  /// The file, relative to the program's root when it lies in it.
  public var path: String
  /// The line, counted from 1.
  public var line: Int
  /// The function.
  public var function: String
  /// The line's text.
  public var code: String
  /// The local variables.
  public var locals: [String: ObservedValue]

  /// Makes a frame.
  public init(
    path: String,
    line: Int,
    function: String,
    code: String = "",
    locals: [String: ObservedValue] = [:]
  ) {
    self.path = path
    self.line = line
    self.function = function
    self.code = code
    self.locals = locals
  }
}

/// An exception that nobody caught.
public struct ObservedException: Sendable, Hashable, Codable {
  /// Its type.
  public var type: String
  /// Its message.
  public var message: String
  /// What the interpreter suggests, such as a similar name.
  public var suggestion: String?
  /// The traceback, outermost first.
  public var frames: [Frame]
  /// The exceptions behind it, nearest first.
  public var chain: [ObservedException]

  /// Makes an exception.
  public init(
    type: String,
    message: String,
    suggestion: String? = nil,
    frames: [Frame] = [],
    chain: [ObservedException] = []
  ) {
    self.type = type
    self.message = message
    self.suggestion = suggestion
    self.frames = frames
    self.chain = chain
  }
}

/// An operation that the sandbox did not let through.
public struct RefusedOperation: Sendable, Hashable, Codable {
  /// What was tried, such as `network` or `write`.
  public var operation: String
  /// On what, such as an address or a path.
  public var target: String

  /// Makes a record of a refused operation.
  public init(operation: String, target: String) {
    self.operation = operation
    self.target = target
  }

  private enum CodingKeys: String, CodingKey {
    case operation
    case target = "what"
  }
}

/// The stack of one thread at a limit.
public struct ThreadStack: Sendable, Hashable, Codable {
  /// The thread's name.
  public var thread: String
  /// Its frames, outermost first.
  public var frames: [Frame]

  /// Makes a stack.
  public init(thread: String, frames: [Frame]) {
    self.thread = thread
    self.frames = frames
  }
}

/// What one run of a program showed.
public struct Observation: Sendable, Hashable, Codable {
  /// How it ended.
  public var exit: Exit
  /// Why it stopped.
  public var stop: Stop
  /// Standard output.
  public var stdout: BoundedText
  /// Standard error.
  public var stderr: BoundedText
  /// The exception that ended it.
  public var exception: ObservedException?
  /// Elapsed time in seconds.
  public var wall: Double
  /// CPU time in seconds, children included.
  public var cpu: Double
  /// Peak memory in bytes.
  public var peakMemory: Int
  /// The number of threads that the program started.
  public var threadsStarted: Int
  /// The stack of every thread, when a limit stopped the run.
  public var stacks: [ThreadStack]
  /// The lines that ran, by file.
  public var coverage: [String: [Int]]
  /// What the sandbox refused.
  public var refused: [RefusedOperation]
  /// The attributes that the object of an attribute error has, by type name.
  public var attributes: [String: [String]]
  /// Whether code of the program ran at all.
  public var started: Bool

  /// Makes an observation; what is left out was not seen.
  public init(
    exit: Exit,
    stop: Stop = .finished,
    stdout: BoundedText = BoundedText(),
    stderr: BoundedText = BoundedText(),
    exception: ObservedException? = nil,
    wall: Double = 0,
    cpu: Double = 0,
    peakMemory: Int = 0,
    threadsStarted: Int = 0,
    stacks: [ThreadStack] = [],
    coverage: [String: [Int]] = [:],
    refused: [RefusedOperation] = [],
    attributes: [String: [String]] = [:],
    started: Bool = true
  ) {
    self.exit = exit
    self.stop = stop
    self.stdout = stdout
    self.stderr = stderr
    self.exception = exception
    self.wall = wall
    self.cpu = cpu
    self.peakMemory = peakMemory
    self.threadsStarted = threadsStarted
    self.stacks = stacks
    self.coverage = coverage
    self.refused = refused
    self.attributes = attributes
    self.started = started
  }
}
