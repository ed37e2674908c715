import CProcess

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The small program that supervises and contains every child.
struct Launcher: Sendable, Hashable {
  /// Where the launcher expects the socket to us.
  static let controlDescriptor: Int32 = 3
  /// Where the launcher's own executable is open inside of a sandbox.
  static let ownPathInside = "/proc/self/fd/5"
  /// The descriptors of a channel, as the child sees them.
  static let channelInput: Int32 = 10
  static let channelOutput: Int32 = 11

  let path: String

  /// Finds the launcher: `HEAL_LAUNCHER`, else beside the running executable.
  init(environment: [String: String]) throws(SandboxError) {
    if let named = environment["HEAL_LAUNCHER"], !named.isEmpty {
      path = resolvedPath(named)
    } else {
      path = Self.folderOfExecutable() + "/heal-launcher"
    }
    guard access(path, X_OK) == 0 else { throw .launcherMissing(path: path) }
  }

  /// The folder of the running executable.
  static func folderOfExecutable() -> String {
    let executable = resolvedPath("/proc/self/exe")
    return executable.lastIndex(of: "/").map { String(executable[..<$0]) } ?? "."
  }

  /// Starts the launcher.
  ///
  /// - Parameters:
  ///   - arguments: What follows the launcher's name.
  ///   - environment: The whole environment of the new process.
  ///   - descriptors: Pairs of a descriptor here and its number there; no other is inherited.
  /// - Returns: The new process.
  /// - Throws: ``SandboxError/start(command:reason:)``.
  func spawn(
    arguments: [String],
    environment: [String: String],
    descriptors: [(Int32, Int32)]
  ) throws(SandboxError) -> pid_t {
    try Processes.spawn(
      path,
      arguments: arguments,
      environment: environment,
      descriptors: descriptors
    )
  }
}

/// Starts a program with default signals.
///
/// - Parameters:
///   - path: The program.
///   - arguments: What follows its name.
///   - environment: The whole environment of the new process.
///   - descriptors: Pairs of a descriptor here and its number there; no other is inherited.
/// - Returns: The new process.
/// - Throws: ``SandboxError/start(command:reason:)``.
func spawn(
  _ path: String,
  arguments: [String],
  environment: [String: String],
  descriptors: [(Int32, Int32)]
) throws(SandboxError) -> pid_t {
  let mapped = descriptors.map { cprocess_descriptor(source: $0.0, target: $0.1) }
  var argv: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) }
  var variables: [UnsafeMutablePointer<CChar>?] = environment.sorted { $0.key < $1.key }
    .map { strdup("\($0.key)=\($0.value)") }
  argv.append(nil)
  variables.append(nil)
  defer { (argv + variables).forEach { free($0) } }
  var pid: pid_t = 0
  let code = cprocess_spawn(path, argv, variables, mapped, mapped.count, &pid)
  guard code == 0 else { throw .start(command: path, reason: systemMessage(code)) }
  return pid
}
