import Foundation
import Processes

extension SandboxMechanism {
  /// The mechanisms that tests are run under: those that work on this machine, and those of which
  /// `Tests/skips.txt` does not say that they may be missing.
  static func testable() async -> [SandboxMechanism] {
    var found: [SandboxMechanism] = []
    for mechanism in [SandboxMechanism.bubblewrap, .landlock, .namespaces, .limits] {
      let isHere = await mechanism.works()
      if isHere || !mechanism.mayBeMissing { found.append(mechanism) }
    }
    return found
  }

  /// Those that protect files.
  static func protecting() async -> [SandboxMechanism] {
    await testable().filter { $0 != .limits }
  }

  /// The strongest one that is tested.
  static func best() async -> SandboxMechanism { await testable().first ?? .limits }

  /// Whether a trial run succeeds here.
  func works() async -> Bool {
    (try? await Sandbox.probe(environment: testEnvironment, mechanism: self)) != nil
  }

  /// Whether its absence would be a failure, or it is here.
  func isExpected() async -> Bool {
    let isHere = await works()
    return isHere || !mayBeMissing
  }

  /// Whether the copy lies at the program's own path.
  var mountsCopy: Bool { self == .bubblewrap || self == .namespaces }

  /// Whether the committed list allows the machine to lack it.
  var mayBeMissing: Bool { Self.skips.contains("\(rawValue) works on this machine") }

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
