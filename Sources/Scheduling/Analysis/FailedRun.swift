public import HealingModel

/// A run that failed, and what helps to explain it.
public struct FailedRun: Sendable {
  /// The run, with its trace.
  public var execution: Execution
  /// Whether no single switch of threads can be taken out of it.
  public var isMinimal: Bool
  /// The most similar run that passed, with its trace.
  public var passing: Execution?
  /// What it had to write to standard output, where that is the oracle.
  public var expectedOutput: String?
  /// The interpreter's version, such as 3.11; nil where it has no global lock or is not known.
  public var interpreter: InterpreterVersion?
  /// The line of the program at a place, for reports.
  public var line: @Sendable (SourcePlace) -> String?
  /// Whether the unrewritten program can be interrupted between events of a thread, judged on its
  /// bytecode; without those of which that is not known.
  public var interruptible: [Interruption: Bool]
  /// Whether the unrewritten program failed alike when it was paused at the switches.
  public var isShown: Bool

  /// Makes the record of a failed run.
  public init(
    execution: Execution,
    isMinimal: Bool = false,
    passing: Execution? = nil,
    expectedOutput: String? = nil,
    interpreter: InterpreterVersion? = nil,
    line: @escaping @Sendable (SourcePlace) -> String? = { _ in nil },
    interruptible: [Interruption: Bool] = [:],
    isShown: Bool = false
  ) {
    self.execution = execution
    self.isMinimal = isMinimal
    self.passing = passing
    self.expectedOutput = expectedOutput
    self.interpreter = interpreter
    self.line = line
    self.interruptible = interruptible
    self.isShown = isShown
  }
}

/// A version of an interpreter.
public struct InterpreterVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The first number.
  public var major: Int
  /// The second number.
  public var minor: Int

  /// Makes a version.
  public init(_ major: Int, _ minor: Int) {
    self.major = major
    self.minor = minor
  }

  /// The version that a text such as `3.11.7` begins with.
  public init?(_ text: String) {
    let parts = text.split(separator: ".").prefix(2).map { part in part.prefix { $0.isNumber } }
    guard parts.count == 2, let major = Int(parts[0]), let minor = Int(parts[1]) else { return nil }
    self.init(major, minor)
  }

  /// The version as text.
  public var description: String { "\(major).\(minor)" }

  /// Whether `lhs` came out before `rhs`.
  public static func < (lhs: InterpreterVersion, rhs: InterpreterVersion) -> Bool {
    (lhs.major, lhs.minor) < (rhs.major, rhs.minor)
  }
}
