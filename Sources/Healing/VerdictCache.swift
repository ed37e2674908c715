/// How far candidates got that earlier sessions tried, kept by content.
///
/// Only what mended no test is kept: whatever passes or mends a part is evaluated anew, so that
/// nothing is ever claimed on the word of the cache.
public struct VerdictCache: Sendable {
  /// What became of a candidate that mended no test.
  public enum Verdict: Sendable, Hashable {
    /// It does not compile, does not end, or its code equals that of another.
    case cannotRun
    /// How far it got, as ``Evaluation/progress`` counts.
    case reached(Int32)
  }
  /// Verdicts by the names of candidates.
  public typealias Verdicts = [UInt64: Verdict]

  /// What is known of a program and all that decides about it.
  public var known: @Sendable (_ content: String) async -> Verdicts
  /// Adds to it.
  public var add: @Sendable (_ content: String, _ verdicts: Verdicts) async -> Void

  /// Makes a cache.
  public init(
    known: @escaping @Sendable (_ content: String) async -> Verdicts,
    add: @escaping @Sendable (_ content: String, _ verdicts: Verdicts) async -> Void
  ) {
    self.known = known
    self.add = add
  }

  /// A cache that keeps nothing.
  public static let none = VerdictCache(known: { _ in [:] }, add: { _, _ in })
}
