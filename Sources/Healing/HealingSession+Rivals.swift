import HealingModel
import Patching
import Search

/// Repairs that all pass: which of them is likeliest, and on what they differ.
extension HealingSession {
  /// A plausible state of the program.
  struct Rival: Sendable {
    var sources: Sources
    var steps: [SearchDriver.Step]
    var trial: Trial
    /// What those of its edits do that change several places as one.
    var inseparable: [String]
    /// Its number in the comparison; nil where it was not compared.
    var version: Int?
  }

  /// Plausible states that are looked at.
  private static let mostRivals = 8

  /// The plausible states of a search, the likeliest first, and how they compare.
  mutating func rivals(
    of driver: SearchDriver,
    _ space: any SearchSpace
  ) async throws -> (rivals: [Rival], comparison: Comparison) {
    var rivals: [Rival] = []
    for trial in driver.plausible where rivals.count < Self.mostRivals {
      guard let rival = try await rival(trial, driver, space),
        !rivals.contains(where: { $0.sources == rival.sources })
      else { continue }
      rivals.append(rival)
    }
    let comparison = try await compare(&rivals, space)
    guard !comparison.isEmpty else { return (rivals, comparison) }
    let versions = Dictionary(
      rivals.map { ($0.trial, $0.version) },
      uniquingKeysWith: { first, _ in first }
    )
    let order = ranked(rivals.map(\.trial)) { trial in
      versions[trial].flatMap { $0 }.map(comparison.failures) ?? 0
    }
    rivals.sort { lhs, rhs in
      (order.firstIndex(of: lhs.trial) ?? 0) < (order.firstIndex(of: rhs.trial) ?? 0)
    }
    return (rivals, comparison)
  }

  /// Compares the rivals against which no rule of evidence speaks; each is given its number.
  private mutating func compare(
    _ rivals: inout [Rival],
    _ space: any SearchSpace
  ) async throws -> Comparison {
    var admitted: [Int] = []
    for index in rivals.indices where try await isAdmissible(rivals[index].sources) {
      admitted.append(index)
    }
    guard admitted.count > 1 else { return Comparison() }
    let comparison = try await answers(of: admitted.map { rivals[$0].sources }, space)
    guard !comparison.isEmpty else { return comparison }
    for (number, index) in admitted.enumerated() { rivals[index].version = number + 1 }
    return comparison
  }

  /// How versions, after the program as it was found, answer inputs; empty where that cannot be told
  /// or there is no time for it.
  private mutating func answers(
    of versions: [Sources],
    _ space: any SearchSpace
  ) async throws -> Comparison {
    guard ablation.uses(.comparison) else { return Comparison() }
    let seconds = min(5, secondsLeft - checkSeconds)
    guard seconds > 0 else {
      noteClock()
      return Comparison()
    }
    do {
      return try await space.compare([original] + versions, within: seconds)
    } catch let error where !(error is CancellationError) && !Task.isCancelled {
      // It costs the order of the rivals and what tells them apart, never a repair.
      report.notes.append("repairs that pass were not compared: \(error)")
      return Comparison()
    }
  }

  /// Whether no rule of evidence speaks against a state.
  private func isAdmissible(_ sources: Sources) async throws -> Bool {
    try await adapter.refusals(from: original, to: sources, strength: oracle.strength).isEmpty
  }

  /// What is known of a rival that is about to be claimed, beside those that are not.
  func facts(of rival: Rival, among others: [Rival], _ comparison: Comparison) -> ClaimFacts {
    let compared = (others + [rival]).compactMap(\.version)
    let behaviours = comparison.behaviours()
    return ClaimFacts(
      edits: rival.trial.depth,
      suppresses: rival.trial.suppresses,
      rivals: others.count { $0.version != nil || comparison.isEmpty },
      behaviours: rival.version == nil ? nil : Set(compared.map { behaviours[$0] }).count
    )
  }

  /// Names the rivals of the repair that was claimed, those that behave otherwise first, each with the
  /// smallest input on which the two differ.
  mutating func nameAlternatives(
    to claimed: Rival,
    _ others: [Rival],
    _ comparison: Comparison,
    _ space: any SearchSpace
  ) async throws {
    guard report.verification != nil else { return }
    var admitted: [Rival] = []
    for rival in others where rival.sources != current {
      // Where some were compared, the rules of evidence spoke against the rest.
      let isKnown = !comparison.isEmpty
      if isKnown ? rival.version != nil : try await isAdmissible(rival.sources) {
        admitted.append(rival)
      }
    }
    var (versions, comparison) = (admitted.map(\.version), comparison)
    var chosen = claimed.version
    if claimed.sources != current, !admitted.isEmpty {
      // Needless edits were dropped from it: it may behave otherwise now.
      comparison = try await answers(of: [current] + admitted.map(\.sources), space)
      chosen = comparison.isEmpty ? nil : 1
      versions = admitted.indices.map { comparison.isEmpty ? nil : $0 + 2 }
    }
    let alternatives = zip(admitted, versions).map { rival, version in
      let difference = chosen.flatMap { one in version.flatMap { comparison.difference(one, $0) } }
      return Alternative(
        patch: unifiedDiff(from: original, to: rival.sources),
        // One that behaves alike is as likely as the repair itself.
        confidence: chosen != nil && version != nil && difference == nil ? report.confidence : .low,
        distinguishingInput: difference?.input,
        answers: difference?.answers ?? []
      )
    }
    report.alternatives =
      alternatives.filter { $0.distinguishingInput != nil }
      + alternatives.filter { $0.distinguishingInput == nil }
  }
}
