import Processes

extension SandboxMechanism {
  static let testable: [SandboxMechanism] = [.bubblewrap, .landlock, .namespaces, .limits]
}
