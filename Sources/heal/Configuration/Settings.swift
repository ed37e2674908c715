import HealingModel

/// How programs under test are confined.
enum SandboxChoice: String, Sendable, Hashable, CaseIterable {
  /// The strongest mechanism that works here.
  case automatic = "auto"
  /// bubblewrap.
  case bwrap
  /// Landlock, seccomp and resource limits.
  case landlock
  /// User namespaces.
  case namespaces
  /// Resource limits alone.
  case limits
  /// No confinement at all.
  case none
}

/// Everything that a user can choose, read once at the edge.
struct Settings: Sendable, Hashable {
  /// Seconds from the start of the tool to its end, when somebody named them.
  var namedBudget: Double?
  /// Evaluations of candidates, or nil for no bound but the clock.
  var budgetEvaluations: Int?
  /// Rounds of the loop.
  var attempts = 12
  /// Evaluations side by side.
  var jobs = 1
  /// The seed of everything random.
  var seed: UInt64 = 0
  /// The interpreter, or nil to find one.
  var python: String?
  /// How programs are confined.
  var sandbox = SandboxChoice.automatic
  /// Whether programs may reach the network.
  var allowNetwork = false
  /// Paths outside the program that it may write to.
  var allowWrite: [String] = []
  /// Environment variables that programs may see although they look like secrets.
  var allowEnv: [String] = []
  /// The language models, cheap ones first, as `NAME` or `NAME@URL`; none for the one that a server
  /// has.
  var models: [String] = []
  /// The address of its server, or nil to look on the usual ports of this machine.
  var baseURL: String?
  /// Whether a model that is not on this machine may be shown the program.
  var allowRemoteModel = false
  /// The most tokens that models may generate in a session, or nil for no bound.
  var modelTokens: Int?
  /// The program's root, or nil to find it.
  var root: String?
}

/// The names under which settings are written in files and in the environment.
enum SettingsKey: String, Sendable, CaseIterable {
  case budget, budgetEvaluations, attempts, jobs, seed, python, sandbox
  case allowNetwork, allowWrite, allowEnv, model, baseURL, allowRemoteModel, modelTokens

  /// The variable that sets it, such as `HEAL_BUDGET_EVALUATIONS`.
  var variable: String {
    switch self {
    case .baseURL: "HEAL_BASE_URL"
    default:
      "HEAL_" + rawValue.map { $0.isUppercase ? "_\($0)" : $0.uppercased() }.joined()
    }
  }

  /// Whether a project's own file may set it: a project that is looked at must not weaken the
  /// sandbox it is run in, name what is run, or send its text elsewhere.
  var allowedInProject: Bool {
    switch self {
    case .budget, .budgetEvaluations, .attempts, .jobs, .seed: true
    case .python, .sandbox, .allowNetwork, .allowWrite, .allowEnv, .model, .baseURL,
      .allowRemoteModel, .modelTokens:
      false
    }
  }
}

extension Settings {
  /// Whether a language model is to be asked.
  var usesModel: Bool { !models.isEmpty || baseURL != nil }

  /// Seconds from the start of the tool to its end; a model is slower than a search.
  var budget: Double { namedBudget ?? (usesModel ? ModelAllowance.budgetSeconds : 60) }

  /// Sets one value.
  ///
  /// - Parameters:
  ///   - key: Which.
  ///   - value: The value as written.
  ///   - source: Who says so, for the error, such as a file's path with the key.
  /// - Throws: `CommandError.usage` when the value does not fit.
  mutating func set(_ key: SettingsKey, to value: JSON, source: String) throws(CommandError) {
    func wrong(_ what: String) -> CommandError { .usage("\(source) must be \(what)") }
    switch key {
    case .budget:
      guard let seconds = value.double, seconds > 0, seconds <= 86_400 else {
        throw wrong("a number of seconds above 0 and up to 86400")
      }
      namedBudget = seconds
    case .budgetEvaluations: budgetEvaluations = try count(value, upTo: Int.max, source: source)
    case .attempts: attempts = try count(value, upTo: 1000, source: source)
    case .jobs: jobs = try count(value, upTo: 256, source: source)
    case .seed:
      guard case .integer(let number) = value, number >= 0 else {
        throw wrong("a whole number that is not negative")
      }
      seed = UInt64(number)
    case .sandbox:
      guard let choice = value.text.flatMap(SandboxChoice.init(rawValue:)) else {
        throw wrong("one of " + SandboxChoice.allCases.map(\.rawValue).joined(separator: ", "))
      }
      sandbox = choice
    case .allowNetwork, .allowRemoteModel:
      guard case .bool(let allowed) = value else { throw wrong("true or false") }
      if key == .allowNetwork { allowNetwork = allowed } else { allowRemoteModel = allowed }
    case .python: python = try text(value, source: source)
    case .model:
      if case .array = value {
        models = try texts(value, source: source)
      } else {
        models = [try text(value, source: source)]
      }
    case .modelTokens: modelTokens = try count(value, upTo: Int.max, source: source)
    case .baseURL: baseURL = try text(value, source: source)
    case .allowWrite: allowWrite = try texts(value, source: source)
    case .allowEnv: allowEnv = try texts(value, source: source)
    }
  }

  private func count(_ value: JSON, upTo limit: Int, source: String) throws(CommandError) -> Int {
    guard case .integer(let number) = value, number >= 1, number <= limit else {
      let bound = limit == Int.max ? "" : " and at most \(limit)"
      throw .usage("\(source) must be a whole number of at least 1\(bound)")
    }
    return number
  }

  private func text(_ value: JSON, source: String) throws(CommandError) -> String {
    guard let text = value.text, !text.isEmpty else {
      throw .usage("\(source) must be a text that is not empty")
    }
    return text
  }

  private func texts(_ value: JSON, source: String) throws(CommandError) -> [String] {
    guard case .array(let values) = value else {
      throw .usage("\(source) must be a list of texts")
    }
    var result: [String] = []
    for value in values { result.append(try text(value, source: "each value of \(source)")) }
    return result
  }
}

extension JSON {
  fileprivate var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  fileprivate var text: String? {
    guard case .string(let value) = self else { return nil }
    return value
  }
}
