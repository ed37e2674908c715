import Foundation
import Processes

extension SandboxMechanism {
  /// The mechanisms to test: all, but for those that `Tests/skips.txt` names for this machine.
  static let testable: [SandboxMechanism] = {
    let all: [SandboxMechanism] = [.bubblewrap, .landlock, .namespaces, .limits]
    return all.filter { !skips.contains("mechanism:\($0.rawValue)") }
  }()

  /// Those that protect files.
  static let protecting = testable.filter { $0 != .limits }

  /// The strongest one that is tested.
  static let best = testable.first ?? .limits

  /// Whether the copy lies at the program's own path.
  var mountsCopy: Bool { self == .bubblewrap || self == .namespaces }

  private static let skips: Set<String> = {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "skips.txt")
    let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    return Set(
      text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        .compactMap { $0.split(separator: "|").first?.trimmingCharacters(in: .whitespaces) }
    )
  }()
}
