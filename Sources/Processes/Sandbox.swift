public import Healing
import HealingModel
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A sandbox mechanism that was shown to work on this machine by running it.
public struct Sandbox: Sendable {
  /// The mechanism in force.
  public let mechanism: SandboxMechanism
  /// The mechanism by name, with the protections that it cannot give here.
  public let report: SandboxReport
  let launcher: Launcher
  let bubblewrap: String?
  let environment: [String: String]
  let homes: [String]

  private static let probed = Mutex<[String: Result<Sandbox, SandboxError>]>([:])

  /// Finds the strongest mechanism that works here, or the one that `HEAL_SANDBOX` names.
  ///
  /// The answer is kept for the life of the process.
  ///
  /// - Parameters:
  ///   - environment: The tool's environment.
  ///   - mechanism: The mechanism to use whatever the environment says, such as ``SandboxMechanism/none``
  ///     for a user who asked for no sandbox.
  /// - Returns: The sandbox.
  /// - Throws: ``SandboxError`` when the named mechanism does not work, or none does.
  public static func probe(
    environment: [String: String],
    mechanism: SandboxMechanism? = nil
  ) async throws -> Sandbox {
    let forced = try mechanism ?? named(in: environment)
    let launcher = try Launcher(environment: environment)
    let key = "\(forced?.rawValue ?? "") \(launcher.path) \(environment["PATH"] ?? "")"
    if let known = probed.withLock({ $0[key] }) {
      return try known.get().adopting(environment)
    }
    let found: Result<Sandbox, SandboxError>
    do {
      let candidates = forced.map { [$0] } ?? SandboxMechanism.preference
      found = .success(try await first(of: candidates, launcher, environment))
    } catch let error as SandboxError {
      found = .failure(error)
    }
    probed.withLock { $0[key] = found }
    return try found.get()
  }

  /// The same mechanism for another environment: what works does not depend on it.
  private func adopting(_ environment: [String: String]) -> Sandbox {
    Sandbox(
      mechanism: mechanism,
      report: report,
      launcher: launcher,
      bubblewrap: bubblewrap,
      environment: environment,
      homes: Self.homes(in: environment)
    )
  }

  private static func named(in environment: [String: String]) throws -> SandboxMechanism? {
    guard let name = environment["HEAL_SANDBOX"], !name.isEmpty else { return nil }
    guard let mechanism = SandboxMechanism(rawValue: name) else {
      throw SandboxError.unknownMechanism(name)
    }
    return mechanism
  }

  private static func first(
    of candidates: [SandboxMechanism],
    _ launcher: Launcher,
    _ environment: [String: String]
  ) async throws -> Sandbox {
    let work = try WorkFolder(environment: environment)
    var failures: [SandboxError] = []
    for mechanism in candidates {
      do {
        let sandbox = try await Sandbox(mechanism, launcher, environment, work, failures)
        await work.remove()
        return sandbox
      } catch let error as SandboxError {
        failures.append(error)
      }
    }
    await work.remove()
    let reasons = failures.map(\.description).joined(separator: "; ")
    throw failures.count == 1
      ? failures[0] : SandboxError.unavailable(mechanism: "any", reason: reasons)
  }

  private init(
    _ mechanism: SandboxMechanism,
    _ launcher: Launcher,
    _ environment: [String: String],
    _ work: WorkFolder,
    _ stronger: [SandboxError]
  ) async throws {
    let bubblewrap = Self.find("bwrap", in: environment)
    if mechanism == .bubblewrap, bubblewrap == nil {
      throw SandboxError.unavailable(
        mechanism: mechanism.rawValue,
        reason: "bwrap is not on PATH; install it, on Debian with `apt-get install bubblewrap`"
      )
    }
    let homes = Self.homes(in: environment)
    let trial = Sandbox(
      mechanism: mechanism,
      report: SandboxReport(mechanism: mechanism.rawValue, missing: []),
      launcher: launcher,
      bubblewrap: bubblewrap,
      environment: environment,
      homes: homes
    )
    let findings = try await trial.check(in: work)
    self.init(
      mechanism: mechanism,
      report: SandboxReport(
        mechanism: mechanism.rawValue,
        missing: try Self.missing(mechanism, findings),
        mountsProgram: mechanism.mountsProgram
      ),
      launcher: launcher,
      bubblewrap: bubblewrap,
      environment: environment,
      homes: homes
    )
  }

  private init(
    mechanism: SandboxMechanism,
    report: SandboxReport,
    launcher: Launcher,
    bubblewrap: String?,
    environment: [String: String],
    homes: [String]
  ) {
    self.mechanism = mechanism
    self.report = report
    self.launcher = launcher
    self.bubblewrap = bubblewrap
    self.environment = environment
    self.homes = homes
  }

  /// Runs the launcher's own check inside and reads what it found.
  private func check(in work: WorkFolder) async throws -> [String: String] {
    let root = try work.makeSubfolder("probe")
    let copy = try ProgramCopy(of: root, in: work)
    let command = ChildCommand(
      argv: [launcher.path, "check", ".", work.path],
      readable: [launcher.path],
      limits: ChildLimits(wall: 5, cpu: 5, memory: 1 << 30, output: 1 << 20, processes: 64)
    )
    let policy = SandboxPolicy()
    let result: ChildResult
    do {
      result = try await run(command, in: copy, of: work, policy: policy)
    } catch SandboxError.start(_, let reason) {
      throw SandboxError.unavailable(mechanism: mechanism.rawValue, reason: reason)
    }
    var findings: [String: String] = [:]
    for line in result.stdout.head.split(separator: "\n") {
      let parts = line.split(separator: "=", maxSplits: 1)
      if parts.count == 2 { findings[String(parts[0])] = String(parts[1]) }
    }
    guard result.exit == .code(0), findings["inside"] == "yes" else {
      throw SandboxError.unavailable(
        mechanism: mechanism.rawValue,
        reason: "a trial run failed: \(result.stderr.text)"
      )
    }
    let trace = work.path + "/heal-check"
    findings["outside"] = look(at: trace) == nil ? "no" : "yes"
    unlink(trace)
    return findings
  }

  /// What a mechanism cannot give here, from what the trial run found.
  private static func missing(
    _ mechanism: SandboxMechanism,
    _ findings: [String: String]
  ) throws -> [String] {
    if mechanism == .none { return ["every protection but resource limits"] }
    var missing: [String] = []
    let isExposed =
      findings["outside"] == "yes" || (mechanism.mountsProgram && findings["readonly"] != "yes")
    if isExposed, mechanism != .limits {
      throw SandboxError.unavailable(
        mechanism: mechanism.rawValue,
        reason: "a trial run could write outside of its folder"
      )
    }
    if isExposed { missing.append("files outside of the copy are not protected") }
    if findings["network"] == "yes" { missing.append("the network is reachable") }
    if findings["loopback"] != "yes" { missing.append("loopback is off together with the network") }
    if findings["filter"] != "yes" { missing.append("dangerous system calls are not filtered") }
    if !mechanism.mountsProgram {
      missing.append("the program runs in a copy at another path than its own")
      missing.append("no private /tmp and /dev/shm: only TMPDIR is private")
      missing.append("sockets of other programs in the file system are reachable")
    }
    if mechanism == .limits { missing.append("secrets in the home folder can be read") }
    return missing
  }

  private static func find(_ name: String, in environment: [String: String]) -> String? {
    let path = environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
    return path.split(separator: ":").map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
  }

  private static func homes(in environment: [String: String]) -> [String] {
    var homes = [environment["HOME"]].compactMap { $0 }
    if let entry = getpwuid(getuid()), let folder = entry.pointee.pw_dir {
      homes.append(String(cString: folder))
    }
    return Set(homes.filter { $0.hasPrefix("/") && $0 != "/" }.map(resolvedPath)).sorted()
  }
}
