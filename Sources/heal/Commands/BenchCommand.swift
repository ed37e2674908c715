import ArgumentParser
import Foundation
import HealingModel
import ModelProtocol
import Synchronization

/// `heal bench`: heals the programs of repair sets, and measures how many of the repairs are right.
struct BenchCommand: HealCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure how many programs of repair sets are healed, and how many correctly.",
    discussion: """
      SET has one JSON object a line: {"id", "kind", "files": {name: text}, "tests": {name: text}, \
      "held_out": {name: text}}. Each program is healed as by `heal test --apply`, in a folder of \
      its own, and judged by tests that heal never saw. Status 1 when a repair was claimed that \
      the visible tests refute, or anything was changed that may not be.
      """
  )

  /// A part of heal that is left out.
  enum Switch: String, ExpressibleByArgument, CaseIterable {
    case hints, bank, search, model

    var technique: Ablation.Technique {
      switch self {
      case .hints: .hints
      case .bank: .bank
      case .search: .search
      case .model: .model
      }
    }
  }

  @Argument(help: ArgumentHelp("Repair sets.", valueName: "set"))
  var sets: [String]

  @Option(help: ArgumentHelp("For each program (default: 60).", valueName: "seconds"))
  var budget: Double?

  @Option(help: ArgumentHelp("Measure a sample of this many programs.", valueName: "n"))
  var limit: Int?

  @Option(help: ArgumentHelp("The seed by which the order is drawn.", valueName: "n"))
  var seed: UInt64 = 1

  @Option(help: ArgumentHelp("A language model to ask; can be repeated.", valueName: "name"))
  var model: [String] = []

  @Option(
    name: .customLong("base-url"),
    help: ArgumentHelp("The address of the models' server.", valueName: "url")
  )
  var baseURL: String?

  @Flag(help: "Let a model that is not on this machine be shown the programs.")
  var allowRemoteModel = false

  @Option(
    help: ArgumentHelp("Leave out a part; can be repeated.", valueName: "hints|bank|search|model")
  )
  var without: [Switch] = []

  @Option(
    help: ArgumentHelp(
      "Give each session this bank, which `heal bank export` wrote (default: an empty one).",
      valueName: "file"
    )
  )
  var bank: String?

  @Flag(help: "Measure with everything, and with each part left out alone.")
  var matrix = false

  @Option(help: ArgumentHelp("Store rows and tables in this folder.", valueName: "folder"))
  var out: String?

  @Flag(help: "Go on with the rows that are in --out.")
  var resume = false

  @Option(help: ArgumentHelp("Programs side by side (default: 1).", valueName: "n"))
  var jobs = 1

  @Option(help: ArgumentHelp("The interpreter to use.", valueName: "path"))
  var python: String?

  @Flag(help: "Print one JSON object.")
  var json = false

  var answersJSON: Bool { json }

  func validate() throws {
    guard limit.map({ $0 > 0 }) ?? true else {
      throw ValidationError("--limit must be at least 1")
    }
    guard (1...256).contains(jobs) else { throw ValidationError("--jobs must be 1 to 256") }
    guard !resume || out != nil else { throw ValidationError("--resume needs --out") }
  }

  func execute(in context: Context) async throws -> ExitStatus {
    var sources: [RepairSet] = []
    for path in sets {
      let source = try RepairSet(path: path, from: context.folder)
      guard !sources.contains(where: { $0.name == source.name }) else {
        throw CommandError.usage("two sets are called \(source.name)")
      }
      sources.append(source)
    }
    let settings = try settings(in: context)
    if bank == nil, without.contains(.bank) {
      throw CommandError.usage("--without bank changes nothing where no --bank is given")
    }
    let configurations = try BenchConfiguration.all(
      models: settings.usesModel ? try await models(settings, in: context) : [],
      without: without.map(\.technique),
      isMatrix: matrix,
      hasBank: bank != nil
    )
    let port = try await context.ports(context).bench(settings)
    do {
      let status = try await measure(sources, configurations, settings, port, in: context)
      await port.close()
      return status
    } catch {
      await port.close()
      throw error
    }
  }

  private func settings(in context: Context) throws(CommandError) -> Settings {
    var settings = try Settings.layered(root: nil, in: context)
    if let budget { try settings.set(.budget, to: .number(budget), source: "--budget") }
    settings.namedBudget = settings.namedBudget ?? 60
    if let baseURL { try settings.set(.baseURL, to: .string(baseURL), source: "--base-url") }
    if !model.isEmpty {
      try settings.set(.model, to: .array(model.map(JSON.string)), source: "--model")
    }
    if let python {
      guard !python.isEmpty else { throw .usage("--python needs a path") }
      settings.python = python.contains("/") ? absolutePath(python, from: context.folder) : python
    }
    if allowRemoteModel { settings.allowRemoteModel = true }
    settings.allowWrite = settings.allowWrite.map { absolutePath($0, from: context.folder) }
    settings.jobs = max(1, settings.jobs / jobs)
    return settings
  }

  /// The models, each of which is there: a measurement without it would look like one with it.
  private func models(_ settings: Settings, in context: Context) async throws -> [String] {
    let link = try context.ports(context).models()
    do {
      var found: [String] = []
      let wanted: [String?] = settings.models.isEmpty ? [nil] : settings.models
      for named in wanted {
        var settings = settings
        settings.models = [named].compactMap { $0 }
        let listing = try await ModelListing(settings, over: link)
        guard let used = listing.used.first else {
          throw listing.error ?? CommandError.fault("no model is used")
        }
        guard used.address.isLoopback || settings.allowRemoteModel else {
          throw CommandError.usage(
            "\(used.name) is not on this machine: --allow-remote-model lets it see the programs"
          )
        }
        let name = named ?? used.name
        if !found.contains(name) { found.append(name) }
      }
      await link.close()
      return found
    } catch {
      await link.close()
      throw error
    }
  }

  func failure(_ error: CommandError) -> JSON { BenchSummary.failed(error) }
}

extension BenchCommand {
  /// Measures, stores and prints, also when the user ends it.
  private func measure(
    _ sources: [RepairSet],
    _ configurations: [BenchConfiguration],
    _ settings: Settings,
    _ port: BenchPort,
    in context: Context
  ) async throws -> ExitStatus {
    let programs = sample(of: sources, seed: seed, limit: limit)
    let folder = try out.map { try makeFolder($0, in: context) }
    let bank = bank.map { absolutePath($0, from: context.folder) }
    let digest = try bank.map { sha256(try readFile($0, atMost: 64_000_000)) }
    let logs = try configurations.map { configuration in
      var header = header(sources, configuration, settings, port)
      header.bank = configuration.without.contains("bank") ? nil : digest
      return try BenchLog(header, in: folder, resumes: resume)
    }
    let isPrinted = Mutex(false)
    let finish = { @Sendable [json, console = context.console] () throws -> BenchSummary? in
      // It may come back at the moment at which it is cut off.
      guard isPrinted.withLock({ $0.set() }), let summary = BenchSummary(logs, of: programs) else {
        return nil
      }
      console.out(json ? "\(summary.json)\n" : summary.text(style: console.style))
      if let folder { try summary.store(in: folder) }
      return summary
    }
    context.interruption.setLastWords { _ = try? finish() }
    defer { context.interruption.setLastWords(nil) }
    let total = programs.count * configurations.count
    var run = BenchRun(port: port, logs: logs, settings: settings) { configuration, row in
      let done = logs.reduce(0) { $0 + $1.all.count }
      let name = configurations.count > 1 ? " [\(configuration.name)]" : ""
      let text = "\(done)/\(total) \(row.id)\(name): \(row.error ?? row.verdict)"
      context.console.err(printable("\(text) (\(tenths(row.seconds)) s)") + "\n")
    }
    run.bank = bank
    do {
      try await run(programs, jobs: jobs)
    } catch let error where error is CancellationError || Task.isCancelled {
      _ = try finish()
      return .interrupted
    }
    return try finish()?.isDishonest == true ? .notHealed : .fine
  }

  private func header(
    _ sources: [RepairSet],
    _ configuration: BenchConfiguration,
    _ settings: Settings,
    _ port: BenchPort
  ) -> BenchHeader {
    BenchHeader(
      heal: version,
      interpreter: port.interpreter,
      interpreterVersion: port.interpreterVersion,
      sandbox: settings.sandbox.rawValue,
      sets: sources.map {
        BenchHeader.Source(name: $0.name, sha256: $0.digest, programs: $0.programs.count)
      },
      configuration: configuration,
      baseURL: configuration.model == nil ? nil : settings.baseURL,
      modelTokens: configuration.model == nil ? nil : settings.modelTokens,
      budget: settings.budget,
      evaluations: settings.budgetEvaluations,
      attempts: settings.attempts,
      sessionSeed: settings.seed,
      evaluationJobs: settings.jobs,
      seed: seed,
      jobs: jobs
    )
  }

  private func makeFolder(_ path: String, in context: Context) throws -> String {
    let folder = absolutePath(path, from: context.folder)
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw CommandError.usage("--out \(path) is no folder that can be made")
    }
    return folder
  }
}

extension Bool {
  /// Makes it true; false when it was already.
  fileprivate mutating func set() -> Bool {
    defer { self = true }
    return !self
  }
}

extension BenchSummary {
  /// Writes the tables beside the rows.
  fileprivate func store(in folder: String) throws {
    let files = [
      ("summary.json", "\(json)\n"), ("summary.txt", text(style: Style(colours: false))),
    ]
    for (name, text) in files {
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"), options: .atomic)
    }
  }
}
