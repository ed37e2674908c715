/// What earlier sessions left that a session may use.
public struct Memory: Sendable {
  /// What became of candidates for the same program.
  public var verdicts: VerdictCache
  /// How many verified repairs of the user's own each kind of edit was part of.
  public var repairs: [String: Int]

  /// Makes a memory; one of nothing unless told otherwise.
  public init(verdicts: VerdictCache = .none, repairs: [String: Int] = [:]) {
    self.verdicts = verdicts
    self.repairs = repairs
  }
}
