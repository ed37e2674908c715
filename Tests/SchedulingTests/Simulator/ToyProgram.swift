import HealingModel

/// A small program of threads, for the simulator.
struct ToyProgram: Hashable, Sendable {
  /// What one thread does at once.
  enum Operation: Hashable, Sendable {
    /// Takes a variable into the thread's register; writes a variable from it.
    case read(Int)
    case write(Int, Expression)
    /// Adds all variables up, as one step.
    case sum
    case acquire(Int)
    case release(Int)
    /// Acquires without waiting, or for a time; skips so many operations when it fails.
    case attempt(Int, otherwise: Int)
    case acquireFor(Int, otherwise: Int)
    /// Waits for a condition; its lock has to be held.
    case wait(Int)
    case waitFor(Int)
    case notify(Int)
    case notifyAll(Int)
    /// Skips so many operations when the register is not 0.
    case unlessZero(skip: Int)
    case spawn(Int)
    case join(Int)
    case joinFor(Int)
    /// Looks whether a thread has not ended.
    case isAlive(Int)
    case output
    case sleep
    case yield
  }

  /// What is written, from the register.
  enum Expression: Hashable, Sendable {
    case constant(Int)
    case plus(Int)
    case times(Int)

    func value(_ register: Int) -> Int {
      switch self {
      case .constant(let value): value
      case .plus(let value): register &+ value
      case .times(let value): register &* value
      }
    }
  }

  /// What each thread does; the first one is the main thread.
  var threads: [[Operation]]
  /// How many variables there are; they begin with these values.
  var variables: [Int]
  var locks = 2
  /// The lock of each condition.
  var conditions: [Int] = [0]
  /// Threads that the main thread does not wait for at the end.
  var daemons: Set<Int> = []

  /// A program whose main thread starts the others, in this order, and waits for them.
  init(_ workers: [[Operation]], starting order: [Int]? = nil, from variables: [Int] = [0, 0, 0]) {
    self.variables = variables
    threads = [(order ?? Array(1...workers.count)).map { .spawn($0) }] + workers
  }
}

/// Numbers of objects that do not depend on the schedule.
enum ToyObject {
  static let data = 1
  static let output = 2
  static func lock(_ number: Int) -> Int { 10 + number }
  static func condition(_ number: Int) -> Int { 20 + number }
  static func thread(_ number: Int) -> Int { 30 + number }

  static func name(_ object: Int) -> String {
    switch object {
    case data: "data"
    case output: "standard output"
    case 10..<20: "lock\(object - 10)"
    case 20..<30: "condition\(object - 20)"
    default: "thread\(object - 30)"
    }
  }
}
