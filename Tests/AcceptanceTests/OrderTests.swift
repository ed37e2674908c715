import Foundation
import Testing

@testable import heal

/// Programs that fail because of the order of their threads, healed by the built tool.
@Suite("Order of threads")
struct OrderTests {
  @Test(
    "what fails under some schedule is healed, and the report says how far the evidence reaches",
    arguments: [TraceTests.race, TraceTests.crossedLocks, TraceTests.lostWakeUp]
  )
  func healed(text: String) async throws {
    let playground = try Playground()
    try playground.write(text, to: "main.py")
    let ended = try await playground.heal("run", "--json", "--apply", "--budget", "120", "main.py")
    #expect(ended.status == 0, "\(ended)")
    let report = try ended.json()
    #expect(report["status"] == "healed")
    #expect(report["evidence"] == "exhausted")
    #expect(report["verification"]?["schedules"]?["exhausted"] == true)
    let sources = report["findings"]?.elements?.flatMap { $0["evidence"]?.elements ?? [] } ?? []
    #expect(sources.contains { $0["source"] == "schedule" })
    let again = try await playground.heal("trace", "--budget", "60", "main.py")
    #expect(again.status == 0, "\(again)")
    #expect(await playground.leftovers() == [])
  }

  @Test(
    "what no schedule was run of is a part, and written only when that is asked for"
  )
  func part() async throws {
    let playground = try Playground()
    let broken = """
      import threading


      def doubled(numbers):
          found = []
          threads = [threading.Thread(target=lambda n=n: found.append(n + n + 1)) for n in numbers]
          for one in threads:
              one.start()
          for one in threads:
              one.join()
          return sorted(found)
      """
    try playground.write(broken, to: "double.py")
    try playground.write(
      """
      import pytest

      import double


      @pytest.fixture
      def numbers():
          return [1, 2, 5]


      def test_doubled(numbers):
          assert double.doubled(numbers) == [2, 4, 10]
      """,
      to: "test_double.py"
    )
    let before = playground.snapshot()
    let ended = try await playground.heal("test", "--json", "--apply", "--budget", "90")
    #expect(ended.status == 1, "\(ended)")
    let report = try ended.json()
    #expect(report["status"] == "unhealed" && report["partial"] == true, "\(ended)")
    let remaining = (report["remaining"]?.elements ?? []).compactMap { $0["rule"]?.text }
    #expect(remaining.contains("concurrency/unexplored"), "\(ended)")
    #expect(playground.snapshot() == before, "--apply writes whole repairs only")
    let session = try #require(report["session"]?.text)
    #expect(try await playground.heal("apply", session).status == 1)
    #expect(playground.snapshot() == before)
    #expect(try await playground.heal("apply", session, "--partial").status == 0)
    #expect(playground.text("double.py") != broken)
    #expect(try await playground.heal("undo", session).status == 0)
    #expect(playground.snapshot() == before)
  }

  @Test("correct programs stay as they are")
  func healthy() async throws {
    let playground = try Playground()
    try playground.write(TraceTests.guarded, to: "main.py")
    let ended = try await playground.heal("run", "--json", "--apply", "main.py")
    #expect(ended.status == 0, "\(ended)")
    let report = try ended.json()
    #expect(report["status"] == "healthy")
    let notes = (report["notes"]?.elements ?? []).compactMap(\.text)
    #expect(notes.contains { $0.hasPrefix("all schedules of its threads were explored") })
    #expect(playground.text("main.py") == TraceTests.guarded)
  }

  @Test(
    "a test whose threads may lose an update is healed though it passes"
  )
  func suite() async throws {
    let playground = try Playground()
    let account = """
      class Account:
          def __init__(self):
              self.balance = 0

          def deposit(self, amount):
              current = self.balance
              self.balance = current + amount
      """
    try playground.write(account, to: "bank.py")
    try playground.write(
      """
      import threading

      import bank


      def test_deposits_add_up():
          account = bank.Account()
          threads = [threading.Thread(target=account.deposit, args=(5,)) for _ in range(2)]
          for one in threads:
              one.start()
          for one in threads:
              one.join()
          assert account.balance == 10
      """,
      to: "test_bank.py"
    )
    let ended = try await playground.heal("test", "--json", "--apply", "--budget", "120")
    #expect(ended.status == 0, "\(ended)")
    let report = try ended.json()
    #expect(report["status"] == "healed")
    #expect(report["evidence"] == "exhausted")
    #expect(playground.text("bank.py").contains("with self._lock:"))
    #expect(playground.text("test_bank.py").contains("assert account.balance == 10"))
  }
}
