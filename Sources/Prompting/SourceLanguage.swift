/// What has to be known of a language to read code in the answer of a model.
///
/// Blocks are told by indentation. Answers and broken programs often do not parse, so their
/// definitions are found by words and indentation alone; the words come from the language adapter.
public struct SourceLanguage: Sendable, Hashable {
  /// Its name, as in a sentence.
  public var name: String
  /// The tags of fenced blocks that hold it; the first is the one that is asked for.
  public var tags: [String]
  /// The endings of its files, without the dot.
  public var endings: [String]
  /// Words that begin the definition of a function.
  public var functionWords: Set<String>
  /// Words that begin the definition of a type.
  public var typeWords: Set<String>
  /// Words that may stand before those.
  public var modifiers: Set<String>
  /// Words that begin an import.
  public var importWords: Set<String>
  /// What a line begins with that belongs to the definition after it.
  public var decorator: String
  /// What begins a comment.
  public var comment: String
  /// Quotes of texts that may have several lines.
  public var longQuotes: [String]

  /// Makes a language.
  public init(
    name: String,
    tags: [String],
    endings: [String],
    functionWords: Set<String>,
    typeWords: Set<String>,
    modifiers: Set<String> = [],
    importWords: Set<String> = [],
    decorator: String,
    comment: String,
    longQuotes: [String]
  ) {
    self.name = name
    self.tags = tags
    self.endings = endings
    self.functionWords = functionWords
    self.typeWords = typeWords
    self.modifiers = modifiers
    self.importWords = importWords
    self.decorator = decorator
    self.comment = comment
    self.longQuotes = longQuotes
  }
}
