/// One example: what goes in and what must come out.
public struct ExampleCase: Sendable, Hashable, Codable {
  /// Its name, such as the file name without `.in`.
  public var name: String
  /// Arguments of its own, after those of the program.
  public var arguments: [String]
  /// What the program reads.
  public var input: [UInt8]
  /// Exact standard output, trailing white space ignored; nil asks only for a clean exit.
  public var expected: String?

  /// Makes an example.
  public init(name: String, arguments: [String] = [], input: [UInt8] = [], expected: String?) {
    self.name = name
    self.arguments = arguments
    self.input = input
    self.expected = expected
  }
}

/// What decides whether the program passes.
public enum Oracle: Sendable, Hashable, Codable {
  /// Examples of a script; one without an expected output stands for the exit status alone.
  case examples([ExampleCase])
  /// The test suite that the program's entry names.
  case suite
  /// The command that the program's entry names: exit status 0 passes.
  case command

  /// How much a pass says.
  public var strength: OracleStrength {
    switch self {
    case .examples(let cases): cases.contains { $0.expected != nil } ? .example : .crashOnly
    case .suite: .suite
    case .command: .command
    }
  }

  /// Its name in reports.
  public var kind: String {
    switch self {
    case .examples(let cases):
      cases.contains { $0.expected != nil } ? (cases.count > 1 ? "cases" : "output") : "exit"
    case .suite: "suite"
    case .command: "command"
    }
  }
}

/// How much a pass of an oracle says, weakest first in meaning.
public enum OracleStrength: String, Sendable, Hashable, Codable {
  /// Nothing crashed: no expected output was given.
  case crashOnly = "crash-only"
  /// Examples with their expected output.
  case example
  /// A test suite with a verdict for each test.
  case suite
  /// The exit status of a command.
  case command
}
