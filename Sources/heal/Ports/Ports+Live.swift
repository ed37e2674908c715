import Foundation
import Healing
import HealingModel
import Processes
import PythonAgent
import SessionStore

extension Ports {
  /// The real parts, chosen here and nowhere else.
  static func live(_ context: Context) -> Ports {
    Ports(
      openAdapter: { program, oracle, settings in
        try await openPython(program, oracle, settings, in: context)
      },
      heal: { job in
        try await Healing.heal(
          job.program,
          oracle: job.oracle,
          with: job.adapter,
          budget: job.budget,
          ablation: job.ablation,
          memory: Memory(verdicts: verdicts(in: context), bank: job.bank),
          model: job.model,
          now: job.now,
          events: job.events
        )
      },
      sessions: .live(context),
      models: { () throws(CommandError) in try .live(context.environment) },
      bench: { settings in try await .live(settings, in: context) }
    )
  }

  private static func openPython(
    _ program: Program,
    _ oracle: Oracle,
    _ settings: Settings,
    in context: Context
  ) async throws -> OpenedAdapter {
    // The choice was made by the settings, which know the variable too.
    var environment = context.environment
    environment["HEAL_SANDBOX"] = nil
    let work: WorkFolder
    let processes: ProcessPort
    do {
      let sandbox = try await Sandbox.probe(
        environment: environment,
        mechanism: settings.sandbox.mechanism
      )
      work = try WorkFolder(environment: environment)
      processes = try await ProcessPort.live(
        root: program.root,
        sandbox: sandbox,
        policy: policy(settings, in: context),
        work: work
      )
    } catch let error as SandboxError {
      throw CommandError(sandbox: error)
    }
    let options = PythonOptions(
      interpreter: settings.python,
      environment: environment,
      seed: settings.seed,
      jobs: settings.jobs,
      toolsFolder: toolsFolder(in: context)
    )
    do {
      let adapter = try await PythonAdapter.open(
        program: program,
        oracle: oracle,
        options: options,
        processes: processes,
        limits: limits(for: oracle, budget: settings.budget)
      )
      return OpenedAdapter(adapter: adapter, language: .python) {
        await adapter.close()
        await work.remove()
      }
    } catch {
      await work.remove()
      throw error
    }
  }

  /// What earlier sessions found out about candidates.
  private static func verdicts(in context: Context) -> VerdictCache {
    let state = try? stateFolder(environment: context.environment, currentFolder: context.folder)
    return state.map { VerdictFiles(in: $0).cache } ?? .none
  }

  /// What one run may use up: a script that does not end must leave time to find out why; a suite
  /// is bounded test by test, so its fresh runs may take longer.
  private static func limits(for oracle: Oracle, budget: Double) -> ChildLimits {
    let seconds =
      switch oracle {
      case .examples: min(15, max(2, budget / 5))
      case .suite, .command: min(300, max(10, budget / 2))
      }
    return ChildLimits(wall: seconds, cpu: seconds)
  }

  static func policy(_ settings: Settings, in context: Context) -> SandboxPolicy {
    let state = try? stateFolder(environment: context.environment, currentFolder: context.folder)
    return SandboxPolicy(
      allowsNetwork: settings.allowNetwork,
      writable: settings.allowWrite,
      hidden: [state].compactMap { $0 }.filter { FileKind(of: $0) == .folder },
      environmentNames: settings.allowEnv
    )
  }

  /// The folder that holds ruff and ty, as `scripts/setup` made it.
  private static func toolsFolder(in context: Context) -> String? {
    let named = context.environment["XDG_DATA_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
    guard let data = named ?? context.home.map({ $0 + "/.local/share" }) else { return nil }
    return resolvedPath(data + "/heal/tools/current/bin")
  }
}

extension SandboxChoice {
  /// The mechanism that is named; nil lets the strongest be found.
  var mechanism: SandboxMechanism? {
    switch self {
    case .automatic: nil
    case .bwrap: .bubblewrap
    case .landlock: .landlock
    case .namespaces: .namespaces
    case .limits: .limits
    case .none: SandboxMechanism.none
    }
  }
}

extension CommandError {
  /// What a sandbox's error means for a command.
  init(sandbox error: SandboxError) {
    switch error {
    case .unknownMechanism: self = .usage(error.description)
    case .launcherMissing, .file, .start, .programTooLarge:
      self.init(environment: error.description)
    case .unavailable:
      self = .environment(
        message: error.description,
        remedy: "install bubblewrap, choose another mechanism in HEAL_SANDBOX, or accept the risk "
          + "with --no-sandbox"
      )
    }
  }

  /// An error of the environment from a sentence that ends with what to do.
  init(environment text: String) {
    let split =
      text.range(of: "; ", options: .backwards) ?? text.range(of: ": ", options: .backwards)
    guard let split else {
      self = .environment(message: text, remedy: "see `heal help`")
      return
    }
    self = .environment(
      message: String(text[..<split.lowerBound]),
      remedy: String(text[split.upperBound...])
    )
  }
}
