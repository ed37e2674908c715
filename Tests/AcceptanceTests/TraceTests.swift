import Foundation
import Testing

@testable import heal

/// `heal trace` through the built tool.
@Suite("Trace")
struct TraceTests {
  /// Adds by reading and writing in two steps, so that one addition can be lost.
  static let race = """
    import threading

    total = 0


    def add():
        global total
        seen = total
        total = seen + 1


    threads = [threading.Thread(target=add) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert total == 2, total
    """

  static let guarded = race.replacing(
    "    seen = total\n    total = seen + 1\n",
    with: "    with lock:\n        seen = total\n        total = seen + 1\n"
  ).replacing("total = 0\n\n\ndef", with: "total = 0\nlock = threading.Lock()\n\n\ndef")

  static let crossedLocks = """
    import threading

    left, right = threading.Lock(), threading.Lock()


    def move(first, second):
        with first:
            with second:
                pass


    one = threading.Thread(target=move, args=(left, right))
    two = threading.Thread(target=move, args=(right, left))
    one.start()
    two.start()
    one.join()
    two.join()
    """

  static let lostWakeUp = """
    import threading

    condition = threading.Condition()


    def wait():
        with condition:
            condition.wait()


    waiter = threading.Thread(target=wait)
    waiter.start()
    with condition:
        condition.notify()
    waiter.join()
    """

  static let missingSentinel = """
    import queue
    import threading

    jobs = queue.Queue()


    def work():
        while jobs.get() is not None:
            pass


    workers = [threading.Thread(target=work) for _ in range(2)]
    for one in workers:
        one.start()
    jobs.put(1)
    jobs.put(None)
    for one in workers:
        one.join()
    """

  static let connection = """
    import socket
    import threading

    there, here = socket.socketpair()


    def read():
        assert here.recv(1) == b"x"


    reader = threading.Thread(target=read)
    reader.start()
    there.send(b"x")
    reader.join()
    """

  private func playground(_ program: String) throws -> Playground {
    let playground = try Playground()
    try playground.write(program + "\n", to: "f.py")
    return playground
  }

  /// The members of `failure` in the report of a program that has one.
  private func failure(
    of program: String,
    _ options: String...
  ) async throws -> (json: JSON, ended: Ended) {
    let playground = try playground(program)
    let before = playground.snapshot()
    let ended = try await playground.run(
      [Machine.tool, "trace", "--json", "--budget", "30"] + options + ["f.py"]
    )
    #expect(ended.status == 1, "\(ended)")
    #expect(playground.snapshot() == before, "the user's folder is untouched")
    let report = try ended.json("trace")
    #expect(report["status"] == "failed")
    return (try #require(report["failure"], "\(ended)"), ended)
  }

  @Test("a lost update: the exception, and the threads that make it")
  func lostUpdate() async throws {
    let (found, ended) = try await failure(of: Self.race)
    #expect(found["kind"] == "exception", "\(ended)")
    #expect(found["exceptions"]?.elements?.first?["type"] == "AssertionError")
    #expect(found["assumesTime"] == false)
    #expect(found["threads"]?.elements?.count == 3)
    #expect(found["explanation"]?["kind"] == "lost-update", "\(ended)")
  }

  @Test("two locks in two orders: a deadlock, with who holds and who wants")
  func deadlock() async throws {
    let (found, ended) = try await failure(of: Self.crossedLocks)
    #expect(found["kind"] == "deadlock", "\(ended)")
    #expect(found["cycle"]?.elements?.count == 2)
    let wants = found["blocked"]?.elements?.compactMap { $0["wants"]?.text } ?? []
    #expect(Set(wants).isSuperset(of: ["left", "right"]), "\(wants)")
  }

  @Test(
    "a thread that nobody wakes is a hang",
    arguments: [lostWakeUp, missingSentinel]
  )
  func hang(program: String) async throws {
    let (found, ended) = try await failure(of: program)
    #expect(found["kind"] == "hang", "\(ended)")
  }

  @Test("an output that depends on the schedule fails an expectation, and is noted without one")
  func outputs() async throws {
    let program = Self.race.replacing("assert total == 2, total", with: "print(total)")
    let (found, ended) = try await failure(of: program, "--expect", "2")
    #expect(found["kind"] == "wrong output" && found["output"] == "1\n", "\(ended)")
    let free = try await playground(program).heal("trace", "--budget", "30", "f.py")
    #expect(free.status == 0, "\(free)")
    #expect(free.out.contains("the output depends on the schedule"), "\(free)")
  }

  @Test("a program that is right is exhausted, and nothing is left behind")
  func exhausted() async throws {
    let playground = try playground(Self.guarded)
    let ended = try await playground.heal("trace", "--json", "--budget", "60", "f.py")
    #expect(ended.status == 0, "\(ended)")
    let report = try ended.json("trace")
    #expect(report["status"] == "passed" && report["evidence"] == "exhausted", "\(ended)")
    #expect(report["failure"] == .null)
    #expect(report["schedules"]?["repeated"] != .integer(0), "\(ended)")
    #expect(await playground.leftovers() == [])
  }

  @Test("accesses that nothing orders are noted where no schedule fails; --strict makes them count")
  func unordered() async throws {
    let program = Self.race.replacing("assert total == 2, total", with: "assert total")
    let free = try await playground(program).heal("trace", "--json", "--budget", "60", "f.py")
    #expect(free.status == 0, "\(free)")
    let found = try free.json("trace")["unordered"]?.elements ?? []
    #expect(found.contains { $0["subject"] == "total" }, "\(free)")
    let strict = try await playground(program).heal("trace", "--strict", "--budget", "60", "f.py")
    #expect(strict.status == 1 && strict.out.contains("nothing orders"), "\(strict)")
    let right = try await playground(Self.guarded).heal("trace", "--strict", "--json", "f.py")
    #expect(right.status == 0, "\(right)")
  }

  @Test("what cannot be controlled is a limit of the run, never a failure")
  func limit() async throws {
    let playground = try playground(Self.connection)
    let ended = try await playground.heal("trace", "--json", "--budget", "20", "f.py")
    #expect(ended.status == 0, "\(ended)")
    let report = try ended.json("trace")
    #expect(report["failure"] == .null && report["evidence"] == "explored", "\(ended)")
    #expect(report["limits"]?.elements?.isEmpty == false, "\(ended)")
  }

  @Test("the report for a person begins with what was found and how")
  func text() async throws {
    let ended = try await playground(Self.crossedLocks).heal("trace", "--budget", "30", "f.py")
    let first = try #require(ended.out.split(separator: "\n").first)
    #expect(first.hasPrefix("deadlock after "), "\(ended)")
    #expect(first.contains("schedule") && first.contains("seed 0"), "\(ended)")
    #expect(ended.out.contains("heal trace --seed 0 --save"), "\(ended)")
  }

  // MARK: Replay

  @Test("a saved schedule fails again in fresh processes, three times the same way")
  func replay() async throws {
    let playground = try playground(Self.race)
    let found = try await playground.heal(
      "trace",
      "--json",
      "--budget",
      "30",
      "--save",
      "race.json",
      "f.py"
    )
    #expect(found.status == 1, "\(found)")
    let kept = try found.json("trace")["failure"]?["choices"]
    for _ in 0..<3 {
      let again = try await playground.heal("trace", "--json", "--replay", "race.json")
      #expect(again.status == 1, "\(again)")
      let report = try again.json("trace")
      #expect(report["status"] == "failed" && report["divergence"] == .null, "\(again)")
      #expect(report["failure"]?["choices"] == kept, "\(again)")
    }
  }

  @Test("a schedule of a program that was changed since diverges, and says why")
  func divergence() async throws {
    let playground = try playground(Self.race)
    let found = try await playground.heal("trace", "--budget", "30", "--save", "s/r.json", "f.py")
    #expect(found.status == 1 && found.err.contains("cannot be written"), "\(found)")
    try playground.write("", to: "s/here")
    let saved = try await playground.heal("trace", "--budget", "30", "--save", "s/r.json", "f.py")
    #expect(saved.status == 1 && saved.out.contains("--replay s/r.json"), "\(saved)")
    try playground.write(Self.guarded + "\n", to: "f.py")
    let changed = try await playground.heal("trace", "--json", "--replay", "s/r.json")
    #expect(changed.status == 3, "\(changed)")
    let report = try changed.json("trace")
    #expect(report["status"] == "diverged", "\(changed)")
    #expect(report["divergence"]?.text?.contains("f.py") == true, "\(changed)")
  }

  @Test("the emitted test is red before a repair and green after it")
  func emittedTest() async throws {
    let playground = try playground(Self.race)
    let found = try await playground.heal(
      "trace",
      "--budget",
      "30",
      "--emit-test",
      "test_race.py",
      "f.py"
    )
    #expect(found.status == 1, "\(found)")
    let call = [
      Machine.python, "-B", "-c",
      "import sys, types; sys.modules['pytest'] = m = types.ModuleType('pytest')\n"
        + "def fail(text): raise SystemExit('red: ' + text)\nm.fail = fail\n"
        + "import test_race; test_race.test_the_schedule_does_not_fail()",
    ]
    let tool = ["HEAL": Machine.tool]
    let red = try await playground.run(call, environment: tool)
    #expect(red.status == 1 && red.err.contains("red: exception: AssertionError"), "\(red)")
    try playground.write(Self.guarded + "\n", to: "f.py")
    let green = try await playground.run(call, environment: tool)
    #expect(green.status == 0, "\(green)")
    // A change that repairs nothing is found by the exploration around the schedule.
    try playground.write("import time\n" + Self.race + "\n", to: "f.py")
    let still = try await playground.run(call, environment: tool)
    #expect(still.status == 1 && still.err.contains("red: "), "\(still)")
  }

  // MARK: Misuse

  @Test(
    "a command line that makes no sense has status 2",
    arguments: [
      ["trace"], ["trace", "missing.py"], ["trace", "--timing", "odd", "f.py"],
      ["trace", "--replay", "f.py"], ["trace", "--replay", "missing.json"],
      ["trace", "--budget", "0", "f.py"],
      ["trace", "--expect", "1", "--expect-file", "f.py", "f.py"],
      ["trace", "--json", "--format", "perfetto", "f.py"],
      ["trace", "--replay", "f.py", "--expect", "1"],
    ]
  )
  func usage(arguments: [String]) async throws {
    let playground = try playground(Self.race)
    let ended = try await playground.run([Machine.tool] + arguments)
    #expect(ended.status == 2 && !ended.err.isEmpty, "\(ended)")
  }

  @Test(
    "a file that is no schedule is refused",
    arguments: [
      "", "{}", "[1]", "\u{0}",
      #"{"schema":1,"script":"f.py","arguments":[],"input":"","program":{"files":{},"interpreter":"3","#
        + #""hashSeed":0},"timing":"free","shared":[],"choices":[0,-1],"failure":{"kind":"hang","#
        + #""signature":"","summary":""}}"#,
    ]
  )
  func noSchedule(text: String) async throws {
    let playground = try playground(Self.race)
    try playground.write(text, to: "s.json")
    let ended = try await playground.heal("trace", "--json", "--replay", "s.json", "f.py")
    #expect(ended.status == 2, "\(ended)")
    #expect(try ended.error("trace").kind == "usage")
  }

  @Test(
    "Ctrl-C ends it within a second with status 130 and leaves nothing"
  )
  func interrupted() async throws {
    let program = Self.guarded.replacing("range(2)", with: "range(9)")
    let playground = try playground(program)
    let ended = try await playground.run(
      [Machine.tool, "trace", "--json", "--budget", "100", "f.py"],
      whileRunning: { running in
        while processes(mentioning: playground.name).count < 3, running.seconds < 60 {
          Thread.sleep(forTimeInterval: 0.05)
        }
        Thread.sleep(forTimeInterval: 1)
        running.signal(SIGINT)
      }
    )
    #expect(ended.status == 130, "\(ended)")
    #expect(ended.seconds < 70)
    #expect(await playground.leftovers() == [])
  }
}
