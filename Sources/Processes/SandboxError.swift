/// Why nothing could be run.
public enum SandboxError: Error, Sendable, Hashable, CustomStringConvertible {
  /// `HEAL_SANDBOX` names no mechanism.
  case unknownMechanism(String)
  /// The mechanism that was asked for does not work on this machine.
  case unavailable(mechanism: String, reason: String)
  /// The launcher is not where it should be.
  case launcherMissing(path: String)
  /// The program's folder holds too much to be copied.
  case programTooLarge(root: String, what: String)
  /// A file or folder could not be read, written or made.
  case file(path: String, operation: String, code: Int32)
  /// The sandbox could not start the command.
  case start(command: String, reason: String)

  /// What happened and what to do, in a sentence.
  public var description: String {
    switch self {
    case .unknownMechanism(let name):
      "HEAL_SANDBOX is '\(name)', which is no mechanism: use bwrap, landlock, namespaces or limits"
    case .unavailable(let mechanism, let reason):
      "the sandbox mechanism '\(mechanism)' does not work here: \(reason)"
    case .launcherMissing(let path):
      "the launcher is missing at \(path): build it with `swift build`, or name it in HEAL_LAUNCHER"
    case .programTooLarge(let root, let what):
      "\(root) holds \(what): name a smaller folder with --root"
    case .file(let path, let operation, let code):
      "cannot \(operation) \(path): \(systemMessage(code))"
    case .start(let command, let reason):
      "cannot start \(command) in the sandbox: \(reason)"
    }
  }
}
