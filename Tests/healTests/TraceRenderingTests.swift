import Foundation
import HealingModel
import Scheduling
import Testing

@testable import heal

@Suite("Rendering of failing schedules")
struct TraceRenderingTests {
  /// Two withdrawals that both read the balance before either writes it.
  static func lostUpdate(threads: [String] = ["MainThread", "Thread-1 (pay)", "Thread-2 (pay)"])
    -> Explanation
  {
    var run = TraceBuilder(threads: threads)
    run.start(1, line: 30)
    run.start(2, line: 31)
    run.add(1, .acquire, "audit", line: 13)
    run.add(1, .read, "account", "balance", value: "100", line: 14)
    run.add(2, .read, "account", "balance", value: "100", line: 14)
    run.add(1, .write, "account", "balance", value: "0", line: 15)
    run.add(1, .release, "audit", line: 13)
    run.add(2, .write, "account", "balance", value: "50", line: 15)
    for thread in [1, 2] {
      run.end(thread)
      run.join(thread, line: 33)
    }
    let failing = run.run(
      raising: "AssertionError",
      "50",
      in: 0,
      line: 40,
      code: "assert account.balance == -50"
    )
    var calm = TraceBuilder(threads: threads)
    calm.start(1, line: 30)
    calm.add(1, .read, "account", "balance", value: "100", line: 14)
    calm.add(1, .write, "account", "balance", value: "0", line: 15)
    return Explanation(
      of: FailedRun(
        execution: failing,
        isMinimal: true,
        passing: calm.run(),
        interpreter: InterpreterVersion(3, 11),
        line: { $0.line == 14 ? "  old = self.balance" : nil }
      )
    )
  }

  /// Three threads that wait for each other.
  static func deadlock() -> Explanation {
    var run = TraceBuilder(threads: ["MainThread", "a", "b", "c"])
    for thread in 1...3 { run.start(thread) }
    for thread in 1...3 { run.add(thread, .acquire, "fork\(thread)", line: 10) }
    let blocked = (1...3).map { thread in
      BlockedThread(
        thread: thread,
        kind: .acquire,
        object: "fork\(thread % 3 + 1)",
        place: run.source(11),
        holder: thread % 3 + 1,
        holds: ["fork\(thread)"]
      )
    }
    let execution = run.run(.deadlock, blocked: blocked, cycle: [1, 2, 3])
    return Explanation(of: FailedRun(execution: execution))
  }

  static let heading = TraceHeading(
    program: "bank.py",
    evidence: "explored: 312 schedules",
    replay: "heal trace --replay bank.json"
  )

  @Test("the list is the timeline that the specification shows")
  func list() {
    let text = Self.lostUpdate().text(style: Style(colours: false), width: 90)
    #expect(
      text.contains(
        """
        t=0.0006s | Thread-2   | READ    | account.balance=100        bank.py:14   ⚠ same value read \
        before the write at t=0.0007s
        """
      ),
      "\(text)"
    )
    #expect(
      text.contains("t=0.0007s | Thread-1   | WRITE   | account.balance=0          bank.py:15\n")
    )
    #expect(
      text.contains("⇄ Thread-1 → Thread-2 (Thread-1 stops between bank.py:14 and bank.py:15)")
    )
    #expect(text.contains("⚠ lost update: overwrites the write at t=0.0007s"))
    #expect(!text.contains("\u{1B}"))
  }

  @Test("columns fill the width that there is and no more", arguments: [100, 120, 160])
  func columns(width: Int) {
    let text = Self.lostUpdate().text(style: Style(colours: false), width: width)
    let columns = text.split(separator: "\n").filter { $0.contains(" │ ") || $0.contains("─┼─") }
    #expect(columns.count > 15)
    #expect(columns.allSatisfy { $0.count <= width })
    #expect(columns.contains { $0.contains("WRITE account.balance=0") })
  }

  @Test("long runs are shown around what matters, with a count of the rest")
  func long() {
    let text = RandomExplanations.make(seed: 1, threads: 8, events: 300)
      .text(style: Style(colours: false), width: 120)
    let lines = text.split(separator: "\n")
    #expect(lines.contains { $0.contains("… ") && $0.contains(" events") })
    #expect(lines.count < 1500)
  }

  @Test("texts from the program cannot drive the terminal")
  func terminal() {
    let evil = "x\u{1B}[2J\n\u{202E}"
    let text = Self.lostUpdate(threads: [evil, evil + "1", evil + "2"])
      .text(style: Style(colours: false), width: 140)
    #expect(!text.contains("\u{1B}") && !text.contains("\u{202E}"))
  }

  @Test("JSON fits its schema")
  func json() throws {
    let schema = try JSONSchema("heal-explanation-1.json")
    for one in [Self.lostUpdate(), Self.deadlock(), RandomExplanations.make(seed: 3)] {
      #expect(schema.violations(of: one.json) == [])
      #expect(try JSON.parse(one.json.description.utf8).get()["account"] == one.json["account"])
    }
    #expect(schema.violations(of: [:]).count > 10)
  }

  @Test("every kind of bug is in the schema")
  func kinds() throws {
    let schema = try JSONSchema("heal-explanation-1.json")
    var one = Self.lostUpdate()
    for kind in BugKind.allCases {
      one.kind = kind
      #expect(schema.violations(of: one.json) == [])
    }
  }
}
