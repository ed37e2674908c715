import Foundation
import Testing

@testable import heal

/// `heal trace --record` through the built tool.
@Suite("Recording")
struct RecordingTests {
  /// Two locks in two orders, the one long after the other, so that nobody blocks in this run.
  static let crossed =
    "import time\n"
    + TraceTests.crossedLocks.replacing("one.start()\n", with: "one.start()\ntime.sleep(0.5)\n")

  static let result = """
    import threading


    class Box:
        def __init__(self):
            self.value = 0


    box = Box()


    def work():
        box.value = 42


    thread = threading.Thread(target=work)
    thread.start()
    print(box.value in (0, 42))
    thread.join()
    """

  static let leak = """
    import threading

    lock = threading.Lock()


    def work():
        lock.acquire()


    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    """

  private func playground(_ program: String) throws -> Playground {
    let playground = try Playground()
    try playground.write(program + "\n", to: "f.py")
    return playground
  }

  private func findings(
    of program: String,
    status: Int32 = 1,
    _ options: String...
  ) async throws -> [JSON] {
    let playground = try playground(program)
    let before = playground.snapshot()
    let ended = try await playground.run(
      [Machine.tool, "trace", "--record", "--json"] + options + ["f.py"]
    )
    #expect(ended.status == status, "\(ended)")
    #expect(playground.snapshot() == before, "the user's folder is untouched")
    #expect(await playground.leftovers() == [])
    let report = try ended.json("recording")
    #expect(report["status"] == .string(status == 1 ? "found" : "nothing"), "\(ended)")
    #expect(report["events"] != .integer(0), "\(ended)")
    return try #require(report["findings"]?.elements)
  }

  @Test("a lost update that did not happen is predicted, with both places")
  func race() async throws {
    let program = TraceTests.race.replacing("assert total == 2, total", with: "print(total > 0)")
    let found = try await findings(of: program)
    let race = try #require(found.first)
    #expect(race["kind"] == "data-race" && race["basis"] == "predicted", "\(found)")
    #expect(race["account"]?.text?.hasPrefix("Predicted from one run") == true)
    let lines = race["steps"]?.elements?.compactMap { $0["line"] } ?? []
    #expect(Set(lines) == [.integer(8), .integer(9)], "\(found)")
  }

  @Test("a circle of locks is predicted although nobody blocked")
  func circle() async throws {
    let found = try await findings(of: Self.crossed)
    #expect(found.count == 1 && found.first?["kind"] == "lock-order-cycle", "\(found)")
    #expect(found.first?["basis"] == "predicted")
    #expect(found.first?["steps"]?.elements?.count == 4)
  }

  @Test("what a thread leaves behind is read before its end is awaited")
  func unjoined() async throws {
    let found = try await findings(of: Self.result)
    #expect(found.first?["kind"] == "unjoined-result", "\(found)")
  }

  @Test("a lock of a thread that ended was seen")
  func held() async throws {
    let found = try await findings(of: Self.leak)
    #expect(found.first?["kind"] == "lock-held-at-end", "\(found)")
    #expect(found.first?["basis"] == "observed")
  }

  @Test("a wait that nobody can end is seen as soon as it is one")
  func wait() async throws {
    let found = try await findings(of: TraceTests.missingSentinel)
    #expect(found.first?["kind"] == "endless-wait", "\(found)")
    #expect(found.first?["summary"]?.text?.hasPrefix("missing sentinel") == true, "\(found)")
  }

  @Test("a program that is right: nothing, status 0, also under --strict")
  func right() async throws {
    #expect(try await findings(of: TraceTests.guarded, status: 0) == [])
    #expect(try await findings(of: TraceTests.guarded, status: 0, "--strict") == [])
  }

  @Test("an exception and an unexpected output of the run are failures")
  func failures() async throws {
    let wrong = try await findings(of: TraceTests.guarded + "\nprint(total)", "--expect", "3")
    #expect(wrong.map { $0["kind"] } == ["failure"], "\(wrong)")
    let raised = try await findings(of: TraceTests.guarded + "\nraise KeyError(total)")
    #expect(raised.first?["summary"]?.text?.hasPrefix("KeyError: 2 in MainThread") == true)
  }

  @Test("the bound on time is told as a limit")
  func limits() async throws {
    let program = "import threading, time\nthreading.Thread(target=print).start()\ntime.sleep(60)"
    let ended = try await playground(program)
      .heal("trace", "--record", "--json", "--budget", "4", "f.py")
    #expect(ended.status == 0 && ended.seconds < 40, "\(ended)")
    let report = try ended.json("recording")
    #expect(report["end"] == "cut", "\(ended)")
    #expect(report["limits"]?.elements?.first?.text?.contains("time was over") == true, "\(ended)")
  }

  @Test("the report for a person says that it is a prediction from one run")
  func text() async throws {
    let ended = try await playground(Self.crossed).heal("trace", "--record", "f.py")
    let first = try #require(ended.out.split(separator: "\n").first)
    #expect(first == "found in one run of f.py: 0 seen, 1 predicted", "\(ended)")
    #expect(ended.out.contains("Predicted from this one run, which did not show it"), "\(ended)")
    #expect(ended.out.contains("What was recorded"), "\(ended)")
    let right = try await playground(TraceTests.guarded).heal("trace", "--record", "f.py")
    #expect(right.status == 0 && right.out.hasPrefix("recorded: "), "\(right)")
  }

  @Test(
    "what a recording has not is a wrong command line",
    arguments: [
      ["--format", "html"], ["--format", "perfetto"], ["--save", "s.json"], ["--timing", "strict"],
      ["--emit-test", "t.py"], ["--replay", "s.json"],
    ]
  )
  func usage(options: [String]) async throws {
    let ended = try await playground(TraceTests.guarded)
      .run([Machine.tool, "trace", "--record"] + options + ["f.py"])
    #expect(ended.status == 2 && !ended.err.isEmpty, "\(ended)")
  }
}
