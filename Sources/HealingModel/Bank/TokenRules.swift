/// What has to be known of a language to split its lines into tokens.
///
/// Blocks are told by indentation; within brackets the ends of lines count for nothing.
public struct TokenRules: Sendable, Hashable {
  /// The language's name.
  public var language: String
  /// Words that mean the same in every program: keywords and names that the language defines.
  public var fixedWords: Set<String>
  /// Attributes that mean the same in every program: those of the language's own types.
  public var fixedAttributes: Set<String>
  /// Keywords that begin a statement and stand nowhere else: they end what was left open.
  public var statementWords: Set<String>
  /// Keywords that begin a statement with a block.
  public var blockWords: Set<String>
  /// Letters that may stand directly before the quote of a text, in lower case.
  public var textPrefixes: Set<String>
  /// Operators of several characters, the longest first.
  public var operators: [String]
  /// What begins a comment.
  public var comment: String

  /// Makes rules.
  public init(
    language: String,
    fixedWords: Set<String>,
    fixedAttributes: Set<String> = [],
    statementWords: Set<String> = [],
    blockWords: Set<String> = [],
    textPrefixes: Set<String> = [],
    operators: [String] = [],
    comment: String
  ) {
    self.language = language
    self.fixedWords = fixedWords
    self.fixedAttributes = fixedAttributes
    self.statementWords = statementWords
    self.blockWords = blockWords
    self.textPrefixes = textPrefixes
    self.operators = operators
    self.comment = comment
  }
}
