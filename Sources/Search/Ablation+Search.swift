public import HealingModel

extension Ablation {
  /// Whether edits of a kind are tried.
  public func allows(kind: String) -> Bool {
    if kind == EditOrder.twinKind, !uses(.twins) { return false }
    return !kinds.contains { kind == $0 || kind.hasPrefix($0 + ".") }
  }

  /// Suspicion as the search may use it.
  public func localised(_ suspicion: [String: [Int: Double]]) -> [String: [Int: Double]] {
    uses(.localisation) ? suspicion : suspicion.mapValues { $0.mapValues { _ in 1 } }
  }
}

extension EditOrder {
  /// The order as far as what it rests on is not switched off.
  ///
  /// - Parameters:
  ///   - ablation: What is switched off.
  ///   - repairs: How many verified repairs of the user's own each kind of edit was part of.
  public init(ablation: Ablation, learningFrom repairs: [String: Int] = [:]) {
    self = ablation.uses(.priors) ? EditOrder() : EditOrder(priors: [:], unknown: 1)
    if ablation.uses(.bank) { self = learning(from: repairs) }
  }
}
