import HealingModel

/// What became of one program under one configuration.
struct BenchRow: Sendable, Hashable, Codable {
  /// The program's set.
  var set: String
  /// The program's name in it.
  var id: String
  /// The program's kind.
  var kind: String
  /// Whether its visible tests pass before anything is done, so that there is nothing to heal.
  var isSkipped = false
  /// Elapsed seconds.
  var seconds = 0.0
  /// The status with which heal ended; nil when it was killed.
  var exit: Int?
  /// The status that its report names.
  var status = ""
  /// It ended with 0 and said *healed*.
  var isClaimed = false
  /// It was claimed, and the visible tests pass afterwards, run without heal.
  var isPlausible = false
  /// It is plausible, and the held-out tests pass too.
  var isCorrect = false
  /// It ended with 0 although the visible tests do not pass: a lie, worse than a miss.
  var isFalse = false
  /// Anything but the program's own files was changed, added or removed.
  var isTampered = false
  /// The program was changed without a claim.
  var isSilent = false
  /// It took longer than the budget and five seconds.
  var isLate = false
  /// The category of the first finding; nil when nothing was found.
  var category: String?
  /// How many bugs were found.
  var findings = 0
  /// Rounds of the loop.
  var attempts = 0
  /// Candidates that ran to a verdict.
  var candidates = 0
  /// What was asked of a model; nil when none was.
  var model: ModelUse?
  /// What the report says of a model that did not answer.
  var silence: String?
  /// Why nothing could be measured; nil when it was.
  var error: String?
  /// The end of what heal wrote where it gave no report.
  var output: String?
  /// The program's files as they were left; nil where that was not looked at.
  var program: [String: String]?

  enum CodingKeys: String, CodingKey {
    case set, id, kind, seconds, exit, status, category, findings, attempts, candidates, model
    case silence, error, output, program
    case isSkipped = "skipped"
    case isClaimed = "claimed"
    case isPlausible = "plausible"
    case isCorrect = "correct"
    case isFalse = "false"
    case isTampered = "tampered"
    case isSilent = "silent"
    case isLate = "late"
  }

  /// Begins the row of a program.
  init(of program: BenchProgram) {
    set = program.set
    id = program.id
    kind = program.kind
  }

  /// The program's name among all sets.
  var key: BenchKey { BenchKey(set: set, id: id) }

  /// Whether it says something of heal.
  var isMeasured: Bool { !isSkipped && error == nil }

  /// Whether it was healed at the first attempt: correctly, by the first change of the program that
  /// any round made, and with no second question to a model.
  ///
  /// The round that makes a change may be followed by the one that checks it.
  var isFirst: Bool { isCorrect && attempts <= 2 && (model?.seconds.count ?? 0) <= 1 }

  /// The verdict in a word.
  var verdict: String {
    if error != nil { return "error" }
    if isSkipped { return "skipped" }
    if isFalse { return "false" }
    if isTampered { return "tampered" }
    if isSilent { return "silent" }
    return isCorrect ? "correct" : isPlausible ? "plausible" : isClaimed ? "claimed" : "unhealed"
  }
}
