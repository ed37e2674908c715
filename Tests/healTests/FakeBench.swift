import Foundation
import HealingModel
import Synchronization

@testable import heal

/// A measurement in which nothing runs: a test says `FILE needs TEXT`, and passes when it is so.
final class FakeBench: Sendable {
  /// What heal does with a program, and how it ends.
  typealias Healing = @Sendable (BenchSession) throws -> BenchAnswer

  let folder: TemporaryFolder
  private let healing: Healing
  private let state = Mutex((folders: 0, sessions: [BenchSession](), seen: [[String: String]]()))

  init(_ healing: @escaping Healing) throws {
    folder = try TemporaryFolder()
    self.healing = healing
  }

  /// The healings so far.
  var sessions: [BenchSession] { state.withLock { $0.sessions } }
  /// What lay in the folder of each when it began.
  var seen: [[String: String]] { state.withLock { $0.seen } }
  /// The folders that are left.
  var left: [String] { (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [] }

  var port: BenchPort {
    BenchPort(
      interpreter: "/usr/bin/python3",
      interpreterVersion: "3.11.7",
      makeFolder: {
        let number = self.state.withLock { state in
          state.folders += 1
          return state.folders
        }
        return BenchFolder(path: self.folder.path + "/\(number)")
      },
      heal: { session in
        let texts = session.folder.contents().mapValues { String(decoding: $0, as: UTF8.self) }
        self.state.withLock { state in
          state.sessions.append(session)
          state.seen.append(texts)
        }
        return try self.healing(session)
      },
      passes: { folder, tests in
        let files = folder.contents().mapValues { String(decoding: $0, as: UTF8.self) }
        return tests.allSatisfy { test in
          let words = (files[test] ?? "").split(separator: " needs ").map(String.init)
          return words.count == 2 && files[words[0]]?.contains(words[1]) == true
        }
      },
      close: {}
    )
  }

  /// A set of programs that are mended by `good`, and right by `very good`.
  static func set(_ ids: [String], kind: String = "k") -> String {
    ids.map { id in
      #"{"id": "\#(id)", "kind": "\#(kind)", "files": {"lib/app.py": "bad \#(id)"}, "#
        + #""tests": {"test_app.py": "lib/app.py needs good"}, "#
        + #""held_out": {"test_held.py": "lib/app.py needs very good"}}"#
    }.joined(separator: "\n")
  }

  /// How heal ends with a report.
  static func answer(
    _ status: SessionStatus,
    exit: Int? = nil,
    seconds: Double = 1.5,
    change: (inout SessionReport) -> Void = { _ in }
  ) -> BenchAnswer {
    var report = SessionReport(status: status, strength: .suite)
    report.applied = status == .healed
    report.attempts = 1
    report.findings = [.misspelling]
    change(&report)
    var outcome = HealingOutcome(error: .interrupted)
    outcome.report = report
    outcome.error = nil
    return BenchAnswer(
      exit: exit ?? Int(outcome.exitStatus.rawValue),
      out: "\(outcome.json)\n",
      err: "",
      seconds: seconds
    )
  }
}

extension BenchSession {
  /// Writes the program as heal would.
  func write(_ text: String, to name: String = "lib/app.py") throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: folder.program + "/" + name))
  }

  /// The text of the program.
  var program: String {
    String(decoding: folder.contents()["lib/app.py"] ?? [], as: UTF8.self)
  }
}
