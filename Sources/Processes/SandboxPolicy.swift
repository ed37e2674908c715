/// What the user lets a program do beside reading and changing its own copy.
///
/// Loopback is always up inside, whatever the policy says.
public struct SandboxPolicy: Sendable, Hashable {
  /// Whether the network may be reached.
  public var allowsNetwork: Bool
  /// Absolute paths outside the program that may be written.
  public var writable: [String]
  /// Absolute paths that must stay readable even where the sandbox would hide them.
  public var visible: [String]
  /// Absolute paths that are hidden beside the usual places of secrets.
  public var hidden: [String]
  /// Variables that pass into the environment beside those of the allow-list.
  public var environmentNames: [String]
  /// The largest file that may be written, in bytes.
  public var fileSize: Int
  /// The most files that a process may hold open.
  public var openFiles: Int

  /// Makes a policy; as it stands it allows nothing.
  public init(
    allowsNetwork: Bool = false,
    writable: [String] = [],
    visible: [String] = [],
    hidden: [String] = [],
    environmentNames: [String] = [],
    fileSize: Int = 1 << 30,
    openFiles: Int = 1024
  ) {
    self.allowsNetwork = allowsNetwork
    self.writable = writable
    self.visible = visible
    self.hidden = hidden
    self.environmentNames = environmentNames
    self.fileSize = fileSize
    self.openFiles = openFiles
  }
}
