import Diagnosis
public import HealingModel

/// The form in which a model is asked to answer.
public enum AnswerForm: String, Sendable, Hashable, CaseIterable {
  /// The whole corrected file.
  case wholeFile
  /// Every changed function, whole.
  case functions
  /// Texts to search for and what to put in their place.
  case edits

  /// A file up to this many lines is answered whole.
  public static let mostLinesWhole = 60
  /// A file up to this many lines is answered by functions.
  public static let mostLinesByFunction = 300

  /// The form that fits the program.
  ///
  /// Small models write a short file more reliably than they place edits; what they write costs
  /// time, and at some length they begin to leave parts out. A file whole must also fit in the
  /// answer, with as much again for words around it.
  ///
  /// - Parameters:
  ///   - sources: The files that may be changed.
  ///   - answerTokens: The longest answer.
  /// - Returns: `wholeFile` for one file of at most 60 lines, `functions` for one of at most 300,
  ///   else `edits`.
  public static func fitting(_ sources: Sources, answerTokens: Int) -> AnswerForm {
    guard sources.texts.count == 1, let text = sources.texts.first?.value else { return .edits }
    let lines = text.utf8.count { $0 == UInt8(ascii: "\n") } + 1
    let fits = 2 * estimatedTokens(text) <= answerTokens
    if lines <= mostLinesWhole, fits { return .wholeFile }
    return lines <= mostLinesByFunction ? .functions : .edits
  }
}
