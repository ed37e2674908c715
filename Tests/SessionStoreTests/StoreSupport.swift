import Foundation
import GRDB
import Healing
import HealingModel

@testable import SessionStore

/// A folder that lives as long as its test.
final class ScratchFolder: Sendable {
  let path: String

  init() throws {
    let made = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
      .appendingPathComponent("heal-store-" + UUID().uuidString)
    try FileManager.default.createDirectory(at: made, withIntermediateDirectories: true)
    path = made.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ name: String, _ bytes: [UInt8], mode: UInt32 = 0o644) throws -> String {
    let file = path + "/" + name
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    chmod(file, mode_t(mode))
    return file
  }
}

func contents(_ path: String) throws -> [UInt8] {
  Array(try Data(contentsOf: URL(fileURLWithPath: path)))
}

func mode(_ path: String) throws -> UInt32 {
  UInt32(try fileStatus(path)?.st_mode ?? 0) & 0o7777
}

func ports(
  seed: UInt64 = 1,
  secrets: Set<String> = [],
  limits: StoreLimits = StoreLimits()
) -> StorePorts {
  StorePorts(
    generator: SeededGenerator(seed: seed),
    now: { Date() },
    masker: SecretMasker(secrets),
    limits: limits
  )
}

enum Sample {
  static let surroundings = Surroundings(
    interpreter: "/usr/bin/python3",
    interpreterVersion: "3.11.2",
    sandbox: "bwrap",
    missing: ["memory"],
    seed: 7
  )

  static func header(started: Double = 1_000, arguments: [String] = ["a"]) -> SessionHeader {
    SessionHeader(
      program: Program(root: "/p", entry: .script(path: "bank.py", arguments: arguments)),
      oracle: .examples([
        ExampleCase(name: "one", input: [0xff, 0, 13, 10], expected: "1"),
        ExampleCase(name: "two", input: [], expected: nil),
      ]),
      commandLine: ["heal", "run", "bank.py"] + arguments,
      budget: Budget(),
      started: Date(timeIntervalSince1970: started)
    )
  }

  static let place = TextRange(
    start: TextPosition(line: 3, column: 1),
    end: TextPosition(line: 3, column: 4)
  )

  static func finding(_ message: String = "the name is not defined") -> Finding {
    Finding(
      category: .name,
      rule: "name/undefined",
      path: "bank.py",
      range: place,
      message: message,
      hint: "write “ö” 𝄞",
      evidence: [Evidence(source: .runtime, text: message)],
      confidence: .high
    )
  }

  static func patch(_ new: String = "old\u{0}\n") -> Patch {
    Patch(edits: [Edit(path: "bank.py", range: place, new: new, reason: "it is meant")])
  }

  static func observation(_ text: String = "out") -> Observation {
    Observation(
      exit: .code(1),
      stdout: BoundedText(head: text),
      stderr: BoundedText(head: "err"),
      exception: ObservedException(
        type: "NameError",
        message: text,
        frames: [
          Frame(
            path: "bank.py",
            line: 3,
            function: "f",
            code: "x = \(text)",
            locals: ["x": ObservedValue(type: "str", repr: text)]
          )
        ]
      ),
      wall: 0.1,
      cpu: .infinity,
      coverage: ["bank.py": [1, 2, 3]]
    )
  }

  static func judgement(_ text: String = "out") -> Judgement {
    Judgement(
      tests: [TestResult(id: "t::one", outcome: .failed, seconds: 0.25)],
      observation: observation(text)
    )
  }

  static func candidate(_ new: String) -> Candidate {
    Candidate(patch: patch(new), origin: .search, kinds: ["comparison"])
  }

  static let files = [
    StoredFile(path: "bank.py", before: [0xef, 0xbb, 0xbf, 13, 10], after: [1, 0], mode: 0o755),
    StoredFile(path: "sub/empty.py", before: [], after: Array("x".utf8), mode: 0o600),
  ]

  static var report: SessionReport {
    var report = SessionReport(status: .healed, strength: .example)
    report.attempts = 2
    report.candidates = 12
    report.seconds = 1.5
    report.confidence = .medium
    report.evidence = .tested
    report.findings = [finding()]
    report.patch = patch("b")
    report.diff = "--- a\n+++ b\n"
    report.verification = Verification(
      oracle: "cases",
      strength: .example,
      tests: ["one", "two"],
      runs: 3,
      regressions: 0,
      before: ["bank.py": files[0].beforeDigest],
      after: ["bank.py": files[0].afterDigest]
    )
    report.files = files.map { FileChange(path: $0.path, before: $0.before, after: $0.after) }
    report.notes = ["a note"]
    report.alternatives = [Alternative(patch: "other", confidence: .low)]
    report.observation = observation()
    return report
  }

  static let events: [HealingEvent] = [
    .began(surroundings), .attempt(number: 1), .judged(judgement()), .observed(observation()),
    .found([finding(), finding("second")]),
    .trying(Progress(activity: "comparisons", candidates: 1, secondsLeft: 3)),
    .candidate(candidate("a"), .progress), .candidate(candidate("z"), .stillFailing),
    .tally(kind: "comparison", verdict: "stillFailing", count: 4), .attempt(number: 2),
    .candidate(candidate("b"), .plausible(runs: 3)),
    .tally(kind: "comparison", verdict: "stillFailing", count: 5), .note("a sentence"),
  ]
}

/// Records a whole session.
func recordSession(in store: SessionStore, started: Double = 1_000) async throws -> SessionID {
  let recording = try await store.begin(Sample.header(started: started))
  for event in Sample.events { recording.record(event) }
  try await recording.finish(Sample.report, files: Sample.files)
  return recording.id
}

func alter(_ store: SessionStore, _ sql: String) async throws {
  try await store.pool.write { try $0.execute(sql: sql) }
}
