/// How a prompt is made.
public struct PromptOptions: Sendable {
  /// The program's language.
  public var language: SourceLanguage
  /// The form of the answer; nil takes the one that fits the program.
  public var form: AnswerForm?
  /// Whether the server holds the model to a schema, so that the answer is JSON.
  public var asksForJSON: Bool
  /// About how many tokens the whole prompt may take.
  public var tokens: Int
  /// The longest answer, in tokens.
  public var answerTokens: Int
  /// Questions with their answers, best first; those that have no room are left out.
  public var examples: [PromptExample]

  /// Makes a set of options.
  public init(
    language: SourceLanguage,
    form: AnswerForm? = nil,
    asksForJSON: Bool = false,
    tokens: Int = 6000,
    answerTokens: Int = 2000,
    examples: [PromptExample] = []
  ) {
    self.language = language
    self.form = form
    self.asksForJSON = asksForJSON
    self.tokens = tokens
    self.answerTokens = answerTokens
    self.examples = examples
  }

  // All shares together leave room for the rules; what one leaves unused is the program's.

  /// The share of the whole that hints may take: they are worth more than anything but the program.
  public static let hintShare = 0.25
  /// The share that the program may take, at least.
  static let programShare = 0.15
  /// The share of the examples, and that of what was tried.
  static let exampleShare = 0.1
  /// The share of repairs of like bugs.
  static let precedentShare = 0.08
  static let triedShare = 0.1
  /// The share of a trace.
  static let traceShare = 0.15
  /// The share of outcomes, and that of failing tests.
  static let outcomeShare = 0.08

  /// The tokens of a share.
  func tokens(_ share: Double) -> Int { Int(Double(tokens) * share) }

  /// About how many tokens the hints of a prompt may take.
  public var hintTokens: Int { tokens(Self.hintShare) }
}
