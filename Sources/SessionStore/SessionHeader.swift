public import Foundation
public import HealingModel

/// What is known of a session when it begins.
public struct SessionHeader: Sendable, Hashable, Codable {
  /// What is healed.
  public var program: Program
  /// What decides whether it passes.
  public var oracle: Oracle
  /// The command as the user gave it.
  public var commandLine: [String]
  /// What the session may use up.
  public var budget: Budget
  /// The surroundings, when they are known already; the event that tells of them fills them in.
  public var surroundings: Surroundings?
  /// When it began.
  public var started: Date

  /// Makes a header.
  public init(
    program: Program,
    oracle: Oracle,
    commandLine: [String],
    budget: Budget,
    surroundings: Surroundings? = nil,
    started: Date
  ) {
    self.program = program
    self.oracle = oracle
    self.commandLine = commandLine
    self.budget = budget
    self.surroundings = surroundings
    self.started = started
  }

  /// The inputs of the oracle's examples; they are stored as bytes, beside the header.
  var inputs: [[UInt8]] {
    guard case .examples(let cases) = oracle else { return [] }
    return cases.map(\.input)
  }

  /// This header with other inputs.
  func with(inputs: [[UInt8]]) -> SessionHeader {
    guard case .examples(var cases) = oracle else { return self }
    for index in cases.indices { cases[index].input = index < inputs.count ? inputs[index] : [] }
    var header = self
    header.oracle = .examples(cases)
    return header
  }
}
