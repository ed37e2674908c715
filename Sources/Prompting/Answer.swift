public import HealingModel

/// A repair that a model gave.
public struct Answer: Sendable, Hashable {
  /// The change of the program, in as few lines as it needs.
  public var patch: Patch
  /// The program after it.
  public var sources: Sources
  /// Stands for what it comes to, however it was written: equal for answers that are the same but
  /// for white space at the ends of lines and blank lines.
  public var fingerprint: String
  /// What was left out of it, each in a sentence.
  public var notes: [String]
}

/// What an answer is read against.
public struct AnswerContext: Sendable {
  /// The files that it may change.
  public var sources: Sources
  /// Files of the program that no repair may change, such as its tests.
  public var protected: Set<String>
  /// The program's language.
  public var language: SourceLanguage
  /// The form that was asked for; any other one is read too.
  public var form: AnswerForm
  /// The fingerprints of the answers that were tried already.
  public var seen: Set<String>
  /// Whether the model was cut off rather than stopped by itself.
  public var isTruncated: Bool
  /// The longest answer that is read, in bytes.
  public var limit: Int

  /// Makes a context.
  public init(
    sources: Sources,
    protected: Set<String> = [],
    language: SourceLanguage,
    form: AnswerForm,
    seen: Set<String> = [],
    isTruncated: Bool = false,
    limit: Int = 200_000
  ) {
    self.sources = sources
    self.protected = protected
    self.language = language
    self.form = form
    self.seen = seen
    self.isTruncated = isTruncated
    self.limit = limit
  }
}
