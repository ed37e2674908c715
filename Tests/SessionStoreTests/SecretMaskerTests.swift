import Foundation
import Healing
import HealingModel
import Testing

@testable import SessionStore

@Suite("masking secrets")
struct SecretMaskerTests {
  @Test(
    "values are replaced wherever they stand",
    arguments: [
      ("a hunter22 b", "a ••• b"), ("hunter22hunter22", "••••••"), ("hunter2", "hunter2"),
      ("hunter22-long", "•••"), ("true", "true"), ("", ""), ("pä\"ss\n", "•••\n"),
    ]
  )
  func values(text: String, expected: String) {
    let masker = SecretMasker(["hunter22", "hunter22-long", "1", "", "pä\"ss"])
    #expect(masker(text) == expected)
  }

  @Test("the environment's secrets are found by their names")
  func environment() {
    let masker = SecretMasker(environment: [
      "GITHUB_TOKEN": "gh-12345", "db_password": "tiger", "PATH": "/usr/bin", "API_KEY": "12",
    ])
    #expect(masker("gh-12345 tiger /usr/bin 12") == "••• ••• /usr/bin 12")
  }

  @Test("a secret that is cut off at the bounds of an output does not show")
  func bounds() {
    let masker = SecretMasker(["swordfish"])
    let text = masker(BoundedText(head: "the swordf", tail: "dfish is", total: 100))
    #expect(text == BoundedText(head: "the •••", tail: "••• is", total: 13 + 82 + 12))
    let whole = masker(BoundedText(head: "my swordfish"))
    #expect(whole.isWhole && whole.head == "my •••")
  }

  @Test("no secret of a session reaches the disk")
  func nowhere() async throws {
    let scratch = try ScratchFolder()
    let secret = "corr\"ect/horse"
    let store = try SessionStore.open(at: scratch.path, ports: ports(secrets: [secret]))
    let recording = try await store.begin(Sample.header(arguments: ["--pw=\(secret)"]))
    recording.record(.judged(Sample.judgement(secret)))
    recording.record(.observed(Sample.observation(secret)))
    recording.record(.found([Sample.finding(secret)]))
    recording.record(.note(secret))
    recording.record(
      .candidate(
        Sample.candidate("x"),
        .refused(Refusal(rule: "r", message: "no \(secret)"))
      )
    )
    var report = Sample.report
    report.notes = [secret]
    report.observation = Sample.observation(secret)
    report.findings = [Sample.finding(secret)]
    report.remaining = report.findings
    try await recording.finish(report, files: [])
    let session = try await store.load(recording.id)
    #expect(session.headerIsMasked)
    #expect(session.header.commandLine.last == "--pw=•••")
    #expect(session.report?.notes == ["•••"])
    try store.close()
    for name in try FileManager.default.contentsOfDirectory(atPath: scratch.path) {
      let text = String(decoding: try contents(scratch.path + "/" + name), as: UTF8.self)
      #expect(!text.contains("horse"), "\(name)")
    }
  }
}
