import HealingModel

/// What the rows of some configurations come to.
struct BenchSummary: Sendable, Hashable {
  /// What all configurations have in common; `header.configuration` is the first.
  var header: BenchHeader
  /// Whether each program has its row.
  var isComplete: Bool
  /// The configurations.
  var results: [Result]
  /// The first configuration against each of the others, on the programs that both measured.
  var pairs: [Pair]

  /// What the rows of one configuration come to.
  struct Result: Sendable, Hashable {
    /// The configuration.
    var configuration: BenchConfiguration
    /// The rows that say something of heal.
    var rows: [BenchRow]
    /// Programs with nothing to heal.
    var skipped: Int
    /// Programs that could not be measured.
    var errors: Int
  }

  /// Two configurations on the same programs.
  struct Pair: Sendable, Hashable {
    /// The first.
    var first: BenchConfiguration
    /// The second.
    var second: BenchConfiguration
    /// The programs that both measured.
    var programs: Int
    /// Those that only the first repairs correctly.
    var won: Int
    /// Those that only the second repairs correctly.
    var lost: Int

    /// The share of the first less that of the second.
    var difference: Double { Double(won - lost) / Double(max(1, programs)) }
    /// Its interval.
    var interval: Interval { .pairedDifference(won: won, lost: lost, of: programs) }
  }

  /// Sums up.
  ///
  /// - Parameters:
  ///   - logs: The configurations, at least one, the one that others are compared with first.
  ///   - programs: The programs of the measurement, in order; rows of others are left out.
  init?(_ logs: [BenchLog], of programs: [BenchProgram]) {
    guard let first = logs.first else { return nil }
    header = first.header
    var results: [Result] = []
    var isComplete = true
    for log in logs {
      let all = log.all
      let rows = programs.compactMap { all[$0.key] }
      isComplete = isComplete && rows.count == programs.count
      results.append(
        Result(
          configuration: log.header.configuration,
          rows: rows.filter(\.isMeasured),
          skipped: rows.count { $0.isSkipped && $0.error == nil },
          errors: rows.count { $0.error != nil }
        )
      )
    }
    (self.results, self.isComplete) = (results, isComplete)
    pairs = results.dropFirst().map { [first = results[0]] in Self.pair(first, $0) }
  }

  private static func pair(_ first: Result, _ second: Result) -> Pair {
    let known = Dictionary(second.rows.map { ($0.key, $0.isCorrect) }, uniquingKeysWith: { $1 })
    let both = first.rows.compactMap { row in known[row.key].map { (row.isCorrect, $0) } }
    return Pair(
      first: first.configuration,
      second: second.configuration,
      programs: both.count,
      won: both.count { $0.0 && !$0.1 },
      lost: both.count { !$0.0 && $0.1 }
    )
  }

  /// Whether heal said of a program what is not so, or changed what it may not.
  var isDishonest: Bool {
    results.contains { $0.rows.contains { $0.isFalse || $0.isTampered || $0.isSilent } }
  }
}

extension BenchSummary.Result {
  /// How many programs have a property.
  func count(_ property: (BenchRow) -> Bool) -> Int { rows.count(where: property) }

  /// The interval of the share of correct repairs; nil without programs.
  var interval: Interval? {
    rows.isEmpty ? nil : .share(count(\.isCorrect), of: rows.count)
  }

  /// The median of the seconds that correct repairs took.
  var secondsHealed: Double? { median(rows.filter(\.isCorrect).map(\.seconds)) }

  /// The seconds of all questions that were answered.
  var responses: [Double] { rows.flatMap { $0.model?.seconds ?? [] } }

  /// Programs of which the model did not answer.
  var silent: Int { count { $0.silence != nil } }

  /// A part of the programs, by name.
  struct Group: Sendable, Hashable {
    /// What they have in common.
    var name: String
    /// Their rows.
    var rows: [BenchRow]
    /// The correct repairs among them.
    var correct: Int { rows.count(where: \.isCorrect) }
  }

  /// The programs by a property, in the order of its names.
  func groups(by name: (BenchRow) -> String) -> [Group] {
    Dictionary(grouping: rows, by: name).map { Group(name: $0.key, rows: $0.value) }
      .sorted { $0.name < $1.name }
  }

  /// The programs by kind.
  var kinds: [Group] { groups { $0.kind.isEmpty ? "none" : $0.kind } }
  /// The programs by the category of the first finding.
  var categories: [Group] { groups { $0.category ?? "none" } }
  /// The programs by the number of rounds.
  var attempts: [Group] { groups { bucket($0.attempts) } }
  /// Those of which a model was asked, by the number of bugs that were found.
  var bugs: [Group] {
    Dictionary(grouping: rows.filter { $0.model != nil }) { bucket($0.findings) }
      .map { Group(name: $0.key, rows: $0.value) }.sorted { $0.name < $1.name }
  }
}

extension BenchSummary.Result.Group {
  /// The median of the tokens that were read for a program.
  var promptTokens: Double? { median(rows.compactMap { $0.model.map { Double($0.promptTokens) } }) }
  /// The median of the tokens that were generated for a program.
  var completionTokens: Double? {
    median(rows.compactMap { $0.model.map { Double($0.completionTokens) } })
  }
}

/// A number as it stands in tables: from five on they are taken together.
private func bucket(_ number: Int) -> String { number < 5 ? "\(number)" : "5 or more" }
