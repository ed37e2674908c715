extension Settings {
  /// The settings before flags: defaults, the user's file, the project's file, the environment.
  ///
  /// The files are JSON, since Foundation reads it and nothing else would have to be fetched:
  /// `$XDG_CONFIG_HOME/heal/config.json` (else `~/.config/…`) and `.heal.json` in the root.
  ///
  /// - Parameters:
  ///   - root: The program's root, or nil when the command has no program.
  ///   - context: The environment that is read.
  /// - Returns: The settings.
  /// - Throws: `CommandError.usage`, naming the file and the key.
  static func layered(root: String?, in context: Context) throws(CommandError) -> Settings {
    var settings = Settings()
    settings.jobs = max(1, context.cores)
    if let path = userFile(in: context) {
      try settings.apply(file: path, project: false, in: context)
    }
    if let root { try settings.apply(file: root + "/.heal.json", project: true, in: context) }
    try settings.apply(environment: context.environment)
    return settings
  }

  private static func userFile(in context: Context) -> String? {
    if let folder = context.environment["XDG_CONFIG_HOME"], folder.hasPrefix("/") {
      return folder + "/heal/config.json"
    }
    return context.home.map { $0 + "/.config/heal/config.json" }
  }

  private mutating func apply(
    file path: String,
    project: Bool,
    in context: Context
  ) throws(CommandError) {
    guard FileKind(of: path) != .missing else { return }
    let members: [JSON.Member]
    switch JSON.parse(try readFile(path, atMost: 1_000_000)) {
    case .failure(let error): throw .usage("\(path): \(error)")
    case .success(.object(let found)): members = found
    case .success: throw .usage("\(path): it must hold one JSON object")
    }
    for member in members {
      guard let key = SettingsKey(rawValue: member.name) else {
        let known = SettingsKey.allCases.map(\.rawValue).joined(separator: ", ")
        throw .usage("\(path): unknown key `\(member.name)`; known are \(known)")
      }
      guard key.allowedInProject || !project else {
        throw .usage(
          "\(path): a project's file may not set `\(member.name)`; "
            + "set it in your own configuration, in \(key.variable) or by an option"
        )
      }
      try set(key, to: member.value, source: "\(path): `\(member.name)`")
    }
  }

  private mutating func apply(environment: [String: String]) throws(CommandError) {
    for key in SettingsKey.allCases {
      guard let text = environment[key.variable], !text.isEmpty else { continue }
      try set(key, to: key.value(from: text), source: key.variable)
    }
  }
}

extension SettingsKey {
  /// The value that a variable's text writes; what does not fit stays a text and is refused later.
  fileprivate func value(from text: String) -> JSON {
    switch self {
    case .budget, .budgetEvaluations, .attempts, .jobs, .seed, .modelTokens:
      Int(text).map(JSON.integer) ?? Double(text).map(JSON.number) ?? .string(text)
    case .allowNetwork, .allowRemoteModel:
      switch text.lowercased() {
      case "1", "true", "yes": true
      case "0", "false", "no": false
      default: .string(text)
      }
    case .allowWrite: .array(text.split(separator: ":").map { .string(String($0)) })
    case .allowEnv, .model: .array(text.split(separator: ",").map { .string(String($0)) })
    case .python, .sandbox, .baseURL: .string(text)
    }
  }
}
