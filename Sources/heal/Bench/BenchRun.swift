import Foundation
import HealingModel

/// Heals programs under configurations and judges what comes of it.
struct BenchRun: Sendable {
  /// The world.
  var port: BenchPort
  /// The rows of each configuration.
  var logs: [BenchLog]
  /// What the user chose; model and interpreter are those of the configuration and the port.
  var settings: Settings
  /// A file of verified repairs that each session finds in its bank; nil leaves the bank empty.
  var bank: String?
  /// Told of each new row.
  var tell: @Sendable (BenchConfiguration, BenchRow) -> Void

  /// The seconds beyond the budget after which a healing is late.
  static let grace = 5.0

  /// Heals each program under all configurations that have no row of it yet, one after the other.
  ///
  /// Program by program, so that what the machine does meanwhile meets all configurations alike,
  /// and a measurement that is ended early has pairs to compare.
  ///
  /// - Parameters:
  ///   - programs: The programs, in order.
  ///   - jobs: How many side by side.
  /// - Throws: What cannot be measured at all; `CancellationError` when the user ends it.
  func callAsFunction(_ programs: [BenchProgram], jobs: Int) async throws {
    let open = programs.filter { program in logs.contains { !$0.has(program.key) } }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (index, program) in open.enumerated() {
        if index >= jobs { _ = try await group.next() }
        try Task.checkCancellation()
        group.addTask { try await measure(program) }
      }
      try await group.waitForAll()
    }
  }

  private func measure(_ program: BenchProgram) async throws {
    var passesBefore: Bool?
    for log in logs where !log.has(program.key) {
      var row = BenchRow(of: program)
      do {
        let passes: Bool
        if let passesBefore {
          passes = passesBefore
        } else {
          passes = try await judge(program.files, program.tests, by: program.tests)
          passesBefore = passes
        }
        row.isSkipped = passes
        if !passes { try await heal(program, log.header.configuration, &row) }
      } catch let error where !(error is CancellationError) && !Task.isCancelled {
        // One program that cannot be measured must not end the rest.
        row.error = CommandError(error).description
      }
      try Task.checkCancellation()
      try log.add(row)
      tell(log.header.configuration, row)
    }
  }

  private func heal(
    _ program: BenchProgram,
    _ configuration: BenchConfiguration,
    _ row: inout BenchRow
  ) async throws {
    let folder = try port.makeFolder()
    defer { folder.remove() }
    try folder.write(program.files.merging(program.tests) { file, _ in file })
    let answer = try await port.heal(session(of: program, configuration, in: folder))
    row.take(answer, budget: settings.budget)
    let left = folder.contents()
    row.isTampered =
      Set(left.keys) != Set(program.files.keys).union(program.tests.keys)
      || program.tests.contains { left[$0.key] != Array($0.value.utf8) }
    row.isSilent = !row.isClaimed && program.files.contains { left[$0.key] != Array($0.value.utf8) }
    let files = program.files.reduce(into: [String: String]()) { files, file in
      files[file.key] = left[file.key].map { String(decoding: $0, as: UTF8.self) }
    }
    row.program = files
    guard answer.exit == 0 else { return }
    let passes = row.isTampered ? false : try await judge(files, program.tests, by: program.tests)
    row.isFalse = !passes
    row.isPlausible = row.isClaimed && passes
    guard row.isPlausible else { return }
    // Written where heal has never been.
    let all = program.tests.merging(program.heldOut) { test, _ in test }
    row.isCorrect = try await judge(files, all, by: program.heldOut)
  }

  /// Whether tests pass, in a folder of their own.
  private func judge(
    _ files: [String: String],
    _ present: [String: String],
    by tests: [String: String]
  ) async throws -> Bool {
    let folder = try port.makeFolder()
    defer { folder.remove() }
    try folder.write(files.merging(present) { file, _ in file })
    return try await port.passes(folder, tests.keys.sorted())
  }

  private func session(
    of program: BenchProgram,
    _ configuration: BenchConfiguration,
    in folder: BenchFolder
  ) -> BenchSession {
    var settings = settings
    settings.models = configuration.model.map { [$0] } ?? []
    if configuration.model == nil { settings.baseURL = nil }
    var arguments = ["test", "--apply", "--json", "--root", folder.program]
    arguments += settings.arguments(python: port.interpreter)
    arguments += program.tests.keys.sorted()
    return BenchSession(
      folder: folder,
      arguments: arguments,
      environment: [
        "HEAL_HOME": folder.state,
        "HEAL_ABLATE": configuration.without.joined(separator: ","),
        "HEAL_ATTEMPTS": "\(settings.attempts)",
        "HEAL_SANDBOX": settings.sandbox.rawValue,
        "PYTHONDONTWRITEBYTECODE": "1",
        "TMPDIR": folder.temporary,
        "XDG_CONFIG_HOME": folder.settings,
      ],
      seconds: settings.budget * 3 + 60,
      preparation: bank.map { ["bank", "import", $0] }
    )
  }
}

extension Settings {
  /// The options that say the same as these settings do.
  fileprivate func arguments(python: String) -> [String] {
    var arguments = [
      "--budget", "\(budget)", "--jobs", "\(jobs)", "--seed", "\(seed)", "--python", python,
    ]
    if let budgetEvaluations { arguments += ["--budget-evaluations", "\(budgetEvaluations)"] }
    if sandbox == .none { arguments.append("--no-sandbox") }
    if allowNetwork { arguments.append("--allow-network") }
    for path in allowWrite { arguments += ["--allow-write", path] }
    for name in allowEnv { arguments += ["--allow-env", name] }
    guard usesModel else { return arguments + ["--no-model"] }
    for model in models { arguments += ["--model", model] }
    if let modelTokens { arguments += ["--model-tokens", "\(modelTokens)"] }
    if let baseURL { arguments += ["--base-url", baseURL] }
    if allowRemoteModel { arguments.append("--allow-remote-model") }
    return arguments
  }
}

extension BenchRow {
  /// Takes what heal said of itself.
  fileprivate mutating func take(_ answer: BenchAnswer, budget: Double) {
    seconds = (answer.seconds * 1000).rounded() / 1000
    exit = answer.exit
    isLate = answer.seconds > budget + BenchRun.grace
    let report = try? JSON.parse(answer.out.utf8).get()
    status = report.map { $0["status"]?.string ?? "none" } ?? "no JSON"
    isClaimed = exit == 0 && status == "healed"
    if ![0, 1].contains(exit) || report?["status"] == nil {
      output = String((answer.out + answer.err).suffix(400))
    }
    guard let report else { return }
    category = report["findings"]?.array.first?["category"]?.string
    findings = report["findings"]?.array.count ?? 0
    attempts = report["attempts"]?.int ?? 0
    candidates = report["candidates"]?.int ?? 0
    model = report["model"].flatMap(ModelUse.init(json:))
    silence = report["notes"]?.array.lazy.compactMap(\.string).first {
      $0.hasPrefix("the language model: ") || $0.hasPrefix("heal works without a language model")
    }
  }
}

extension ModelUse {
  /// Reads what ``HealingOutcome/json`` writes.
  fileprivate init?(json: JSON) {
    guard let name = json["name"]?.string else { return nil }
    self.init(
      name: name,
      requests: json["requests"]?.int ?? 0,
      promptTokens: json["promptTokens"]?.int ?? 0,
      completionTokens: json["completionTokens"]?.int ?? 0,
      seconds: json["seconds"]?.array.compactMap(\.double) ?? []
    )
  }
}

extension JSON {
  fileprivate var string: String? { if case .string(let text) = self { text } else { nil } }
  fileprivate var int: Int? { if case .integer(let number) = self { number } else { nil } }
  fileprivate var array: [JSON] { if case .array(let values) = self { values } else { [] } }
  fileprivate var double: Double? {
    switch self {
    case .integer(let number): Double(number)
    case .number(let number): number
    default: nil
    }
  }
}
