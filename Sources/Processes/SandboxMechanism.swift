/// A way to keep a child process from doing harm, strongest first.
public enum SandboxMechanism: String, Sendable, Hashable, Codable, CaseIterable {
  /// Bubblewrap: namespaces of its own and a read-only file system.
  case bubblewrap = "bwrap"
  /// Landlock rules for files, a system-call filter, and a network of its own where possible.
  case landlock
  /// Namespaces made by our own launcher.
  case namespaces
  /// Resource limits and a system-call filter alone: files are not protected.
  case limits
  /// Nothing but resource limits and the end of all processes: the user asked for it.
  case none

  /// The mechanisms that are tried when none is named, strongest first.
  static let preference: [SandboxMechanism] = [.bubblewrap, .landlock, .namespaces, .limits]

  /// Whether the copy is mounted over the program's own path.
  var mountsProgram: Bool { self == .bubblewrap || self == .namespaces }

  /// Whether descendants share a process namespace that ends with the program.
  var ownsProcesses: Bool { mountsProgram }
}
