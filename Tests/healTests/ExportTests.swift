import Foundation
import Healing
import HealingModel
import Prompting
import PythonAgent
import SessionStore
import Synchronization
import Testing

@testable import heal

/// `heal export`: verified repairs as conversations.
@Suite("heal export")
struct ExportTests {
  private let before = "import os\n\n\ndef total(xs):\n    return sum(xs) - 1\n"
  private let after = "import os\n\n\ndef total(xs):\n    return sum(xs)\n"

  private func record(
    before: String? = nil,
    after: String? = nil,
    change: (inout SessionRecord) -> Void = { _ in }
  ) -> SessionRecord {
    var report = SessionReport.healed()
    report.strength = .suite
    report.files = [
      FileChange(
        path: "app.py",
        before: Array((before ?? self.before).utf8),
        after: Array((after ?? self.after).utf8)
      )
    ]
    var record = SessionRecord.sample(report)
    record.oracle = .suite
    record.firstFindings = [.misspelling]
    record.baseline = Judgement(
      tests: [
        TestResult(id: "test_app.py::test_total", outcome: .failed),
        TestResult(id: "test_app.py::test_other", outcome: .passed),
      ],
      observation: Observation(exit: .code(1))
    )
    change(&record)
    return record
  }

  private func messages(_ line: some StringProtocol) throws -> [(role: String, content: String)] {
    let json = try JSON.parse(Array(line.utf8)).get()
    let messages = try #require(json["messages"]?.elements)
    return try messages.map { message in
      (try #require(message["role"]?.text), try #require(message["content"]?.text))
    }
  }

  private func read(_ answer: String, _ before: String, form: AnswerForm = .wholeFile) throws
    -> String?
  {
    let context = AnswerContext(sources: Sources(["app.py": before]), language: .python, form: form)
    return try parseAnswer(answer, in: context).sources["app.py"]
  }

  @Test("a repair becomes rules, question and an answer that is read as the repair")
  func roundTrip() async throws {
    let world = try FakeWorld(stored: record())
    #expect(await world.run("export", "--yes") == 0)
    let lines = world.play.out.split(separator: "\n")
    #expect(lines.count == 1)
    let chat = try messages(lines[0])
    #expect(chat.map(\.role) == ["system", "user", "assistant"])
    #expect(chat[1].content.contains("return sum(xs) - 1"))
    #expect(chat[1].content.contains("test_app.py::test_total"))
    #expect(!chat[1].content.contains("test_other"))
    #expect(chat[1].content.contains("`pritn` is not defined"), "findings are hints")
    #expect(!chat[1].content.contains("/srv/shop"))
    #expect(try read(chat[2].content, before) == after)
  }

  @Test("what should have come out is told of examples")
  func outcomes() async throws {
    let stored = record {
      $0.oracle = .examples([ExampleCase(name: "run", expected: "41")])
      $0.baseline?.observation.stdout = BoundedText(head: "40\n")
    }
    let world = try FakeWorld(stored: stored)
    #expect(await world.run("export", "--yes") == 0)
    let chat = try messages(world.play.out)
    #expect(chat[1].content.contains("41") && chat[1].content.contains("40"))
  }

  @Test("secrets are masked in question and answer, which still fit each other")
  func secrets() async throws {
    let key = "tok-5e3f8aa1"
    let line = "\nKEY = \"\(key)\"\n"
    var world = try FakeWorld(
      stored: record(before: before + line, after: after + line) {
        $0.baseline?.tests[0].id = "test_app.py::test_\(key)"
      }
    )
    world.environment["SHOP_API_KEY"] = key
    #expect(await world.run("export", "--yes") == 0)
    #expect(!world.play.out.contains(key))
    let chat = try messages(world.play.out)
    let masked = line.replacing(key, with: SecretMasker.mask)
    #expect(try read(chat[2].content, before + masked) == after + masked)
  }

  @Test("what cannot be exported is left out and said")
  func omissions() async throws {
    let cases: [(SessionRecord, String)] = [
      (record { $0.isMasked = true }, "masked"),
      (record { $0.report?.strength = .crashOnly }, "crash"),
      (record { $0.report?.files = [] }, "no program"),
      (record { $0.report?.files[0].before = [0xFF, 0xFE, 0x41] }, "UTF-8"),
      (record(after: before), "no form"),
    ]
    for (stored, reason) in cases {
      let world = try FakeWorld(stored: stored)
      #expect(await world.run("export", "--yes") == 0)
      #expect(world.play.out.isEmpty)
      #expect(world.play.err.contains(reason), "\(world.play.err)")
    }
    let altered = try FakeWorld(stored: record())
    altered.store.state.withLock { $0.alterations = ["patch"] }
    #expect(await altered.run("export", "--yes") == 0)
    #expect(altered.play.out.isEmpty && altered.play.err.contains("altered"))
    let unhealed = try FakeWorld(stored: .sample(.unhealed(partial: true)))
    #expect(await unhealed.run("export", "--yes") == 0)
    #expect(unhealed.play.out.isEmpty)
  }

  @Test("nothing is written unless somebody says so")
  func consent() async throws {
    for (answer, arguments, status): (Bool?, [String], Int32) in [
      (nil, [], 2), (false, [], 1), (true, [], 0), (nil, ["--yes"], 0),
    ] {
      var world = try FakeWorld(stored: record())
      world.answer = answer
      let path = world.folder.path + "/set.jsonl"
      let command = ["export", "--out", "set.jsonl"] + arguments
      #expect(await Main.perform(command, in: world.context) == status)
      #expect((FileKind(of: path) == .missing) == (status != 0))
      #expect(world.play.out.isEmpty)
      #expect(world.play.questions.isEmpty == (answer == nil))
      guard status == 0 else { continue }
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
      #expect(mode as? Int == 0o600)
      #expect(await Main.perform(command, in: world.context) == 2, "it is there already")
    }
  }

  @Test("only sessions of the days that are asked for are written")
  func since() async throws {
    // The session began on 2025-11-23.
    for (day, isWritten) in [("2025-11-20", true), ("2025-11-26", false)] {
      let world = try FakeWorld(stored: record())
      #expect(await world.run("export", "--yes", "--since", day) == 0)
      #expect(world.play.out.isEmpty != isWritten)
    }
    for day in ["yesterday", "2025-13-01", "2025-02-30", "2025-1-1", "", "-1-01-01"] {
      let world = try FakeWorld(stored: record())
      #expect(await world.run("export", "--yes", "--since=\(day)") == 2, "\(day)")
    }
  }
}
