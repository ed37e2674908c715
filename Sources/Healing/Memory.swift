public import HealingModel

/// What earlier sessions left that a session may use.
public struct Memory: Sendable {
  /// What became of candidates for the same program.
  public var verdicts: VerdictCache
  /// Verified repairs of whatever program.
  public var bank: [BankedRepair]

  /// Makes a memory; one of nothing unless told otherwise.
  public init(verdicts: VerdictCache = .none, bank: [BankedRepair] = []) {
    self.verdicts = verdicts
    self.bank = bank
  }
}
