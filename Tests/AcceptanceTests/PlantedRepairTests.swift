import Foundation
import Healing
import HealingModel
import Processes
import PythonAgent
import Search
import Testing

@testable import heal

/// An adapter whose repairs of schedules are those of a test; all else is the real one's.
private struct PlantingAdapter: LanguageAdapter {
  var real: PythonAdapter
  /// Whole texts of the program in the place of its own.
  var planted: [String]

  func scheduleRepairs(
    of sources: Sources,
    test: String?,
    failing schedules: [ScheduledFailure],
    limits: ScheduleLimits,
    limit: Int
  ) async throws -> [ScheduleRepair] {
    let text = sources["main.py"] ?? ""
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    let start = TextPosition(line: 1, column: 1)
    let end = TextPosition(line: lines.count, column: (lines.last?.unicodeScalars.count ?? 0) + 1)
    return planted.map { new in
      let edit = Edit(
        path: "main.py",
        range: TextRange(start: start, end: end),
        new: new,
        reason: "planted"
      )
      return ScheduleRepair(kind: "planted", reason: "planted", lines: 1, size: 1, edits: [edit])
    }
  }

  func editableSources() async throws -> Sources { await real.editableSources() }
  func decidingSources() async throws -> Sources { await real.decidingSources() }
  func prepare(for sources: Sources) async { await real.prepare(for: sources) }
  func judge(_ sources: Sources, run: Int) async throws -> Judgement {
    try await real.judge(sources, run: run)
  }
  func observe(_ sources: Sources) async throws -> Judgement { try await real.observe(sources) }
  func findings(in sources: Sources, after seen: Observation?) async throws -> [Finding] {
    try await real.findings(in: sources, after: seen)
  }
  func syntaxRepairs(of sources: Sources, limit: Int) async throws -> [Fix] {
    try await real.syntaxRepairs(of: sources, limit: limit)
  }
  func syntaxErrors(in sources: Sources) async throws -> [String: TextPosition] {
    try await real.syntaxErrors(in: sources)
  }
  func refusals(
    from before: Sources,
    to after: Sources,
    strength: OracleStrength,
    ordersThreads: Bool
  ) async throws -> [Refusal] {
    try await real.refusals(
      from: before,
      to: after,
      strength: strength,
      ordersThreads: ordersThreads
    )
  }
  func confirmCopy(from before: Sources, to after: Sources) async throws {
    try await real.confirmCopy(from: before, to: after)
  }
  func fileChanges(to sources: Sources) async throws -> [FileChange] {
    try await real.fileChanges(to: sources)
  }
  func startsThreads(_ sources: Sources) async throws -> Bool {
    try await real.startsThreads(sources)
  }
  func testStartsThreads(_ test: String) async throws -> Bool {
    try await real.testStartsThreads(test)
  }
  func content(of sources: Sources) async -> String? { nil }
  func openSearch(on sources: Sources) async throws -> any SearchSpace {
    try await real.openSearch(on: sources)
  }
  func openSchedules(on sources: Sources, test: String?) async throws -> any ScheduledProgram {
    try await real.openSchedules(on: sources, test: test)
  }
  var jobs: Int { 1 }
  var surroundings: Surroundings { real.surroundings }
  var notes: [String] { [] }
  func close() async { await real.close() }
}

/// Changes of a program that only look as if they put its threads in order.
@Suite("Planted repairs of threads")
struct PlantedRepairTests {
  /// A program, what each wrong repair puts in the place of what, and a right one.
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var text: String
    var wrong: [[String: String]]
    var right: [String: String]
    var testDescription: String { name }

    func changed(_ replaced: [String: String]) -> String {
      replaced.reduce(text) { $0.replacing($1.key, with: $1.value) }
    }
  }

  private static let body = "    seen = total\n    total = seen + 1\n"
  private static let check = "assert total == 2, total"

  static let race = Case(
    name: "a lost update",
    text: TraceTests.race,
    wrong: [
      [body: "    with threading.Lock():\n        seen = total\n        total = seen + 1\n"],
      [
        body: "    seen = total\n    with lock:\n        total = seen + 1\n",
        "total = 0\n": "total = 0\nlock = threading.Lock()\n",
      ],
      [
        body: "    with lock:\n        seen = total\n    total = seen + 1\n",
        "total = 0\n": "total = 0\nlock = threading.Lock()\n",
      ],
      [
        body: "    with lock:\n        seen = total\n    with lock:\n        total = seen + 1\n",
        "total = 0\n": "total = 0\nlock = threading.Lock()\n",
      ],
      [
        body:
          "    with locks.setdefault(threading.get_ident(), threading.Lock()):\n        seen = total\n        total = seen + 1\n",
        "total = 0\n": "total = 0\nlocks = {}\n",
      ],
      [
        body: "    time.sleep(0.01)\n" + body,
        "import threading\n": "import threading\nimport time\n",
      ],
      [
        body:
          "    while True:\n        seen = total\n        total = seen + 1\n        if total == seen + 1:\n            break\n"
      ],
      ["    one.start()\nfor one in threads:\n    one.join()": "    one.start()\n    one.join()"],
      ["    one.start()\nfor one in threads:\n    one.join()": "    one.run()"],
      ["    one.join()": "    one.join(5)"],
      [
        "    one.start()\n": "    one.daemon = True\n    one.start()\n",
        "    one.join()": "    one.join(timeout=1)",
      ],
      ["for _ in range(2)": "for _ in range(1)", check: check.replacing("2", with: "1")],
      ["range(2)]": "range(1)]\nadd()"],
      [check: "assert total <= 2, total"],
      [check: "assert total in (1, 2), total"],
      [check: "pass"],
      [check: "if total == 2:\n    assert total == 2, total"],
      [check: "try:\n    assert total == 2, total\nexcept AssertionError:\n    pass"],
      [check: "total = 2\n" + check],
      [check: "print(total)\nimport os\nos._exit(0)\n" + check],
      ["import threading\n": "import threading\nimport sys\nsys.setswitchinterval(100)\n"],
    ],
    right: [
      body: "    with lock:\n        seen = total\n        total = seen + 1\n",
      "total = 0\n": "total = 0\nlock = threading.Lock()\n",
    ]
  )

  static let crossed = Case(
    name: "locks taken in two orders",
    text: """
      import threading

      left, right = threading.Lock(), threading.Lock()
      moved = []


      def move(first, second):
          with first:
              with second:
                  moved.append(1)


      one = threading.Thread(target=move, args=(left, right))
      two = threading.Thread(target=move, args=(right, left))
      one.start()
      two.start()
      one.join()
      two.join()
      assert len(moved) == 2, moved
      """,
    wrong: [
      ["threading.Lock(), threading.Lock()": "threading.RLock(), threading.RLock()"],
      ["    with first:\n": "    first, second = second, first\n    with first:\n"],
      [
        "    with first:\n        with second:\n            moved.append(1)":
          "    with first:\n        if second.acquire(timeout=1):\n            moved.append(1)\n            second.release()"
      ],
      [
        "    with first:\n        with second:\n            moved.append(1)":
          "    with first:\n        if second.acquire(blocking=False):\n            moved.append(1)\n            second.release()"
      ],
      ["one.start()\ntwo.start()\none.join()\n": "one.start()\none.join()\ntwo.start()\n"],
      ["one.join()\ntwo.join()": "one.join(2)\ntwo.join(2)"],
      ["args=(right, left))": "args=(right, left), daemon=True)", "two.join()\n": ""],
    ],
    right: [
      "    with first:\n": "    first, second = sorted((first, second), key=id)\n    with first:\n"
    ]
  )

  static let wakeUp = Case(
    name: "a wake-up that comes too early",
    text: """
      import threading

      condition = threading.Condition()
      ready = False


      def wait():
          with condition:
              condition.wait()


      def tell():
          global ready
          with condition:
              ready = True
              condition.notify()


      threads = [threading.Thread(target=wait), threading.Thread(target=tell)]
      for one in threads:
          one.start()
      for one in threads:
          one.join()
      """,
    wrong: [
      ["condition.wait()": "condition.wait(1)"],
      ["condition.wait()": "condition.wait(timeout=0.5)"],
      ["condition.notify()": "condition.notify_all()"],
      [
        "    with condition:\n        condition.wait()":
          "    if not ready:\n        with condition:\n            condition.wait()"
      ],
      ["    with condition:\n        condition.wait()": "    while not ready:\n        pass"],
      ["threading.Condition()": "threading.Condition(threading.RLock())"],
      [
        "        condition.wait()":
          "        while True:\n            condition.wait()\n            break"
      ],
    ],
    right: ["        condition.wait()": "        while not ready:\n            condition.wait()"]
  )

  static let queue = Case(
    name: "a queue that is too small for who fills it",
    text: """
      import queue
      import threading

      jobs, done = queue.Queue(1), []
      lock = threading.Lock()


      def work():
          for _ in range(2):
              with lock:
                  done.append(jobs.get())


      def fill():
          with lock:
              for number in range(2):
                  jobs.put(number)


      threads = [threading.Thread(target=fill), threading.Thread(target=work)]
      for one in threads:
          one.start()
      for one in threads:
          one.join()
      assert len(done) == 2, done
      """,
    wrong: [
      ["queue.Queue(1)": "queue.Queue(2)"], ["queue.Queue(1)": "queue.Queue()"],
      ["queue.Queue(1)": "queue.LifoQueue(8)"], ["jobs.put(number)": "jobs.put(number, timeout=1)"],
      ["threading.Lock()": "threading.RLock()"],
    ],
    right: [
      "    with lock:\n        for number in range(2):\n            jobs.put(number)":
        "    for number in range(2):\n        jobs.put(number)",
      "        with lock:\n            done.append(jobs.get())":
        "        number = jobs.get()\n        with lock:\n            done.append(number)",
    ]
  )

  @Test(
    "none of those that only look right is claimed, and the right one is",
    .timeLimit(.minutes(15)),
    arguments: [race, crossed, wakeUp, queue]
  )
  func planted(planted: Case) async throws {
    for wrong in planted.wrong {
      #expect(planted.changed(wrong) != planted.text, "nothing is changed by \(wrong)")
    }
    let refused = try await healed(planted.text, planting: planted.wrong.map(planted.changed))
    #expect(refused.status != .healed, "\(refused.diff ?? "")")
    #expect(refused.patch.isEmpty || refused.partial)
    let right = planted.changed(planted.right)
    let claimed = try await healed(planted.text, planting: [right])
    #expect(claimed.status == .healed, "\(claimed.notes) \(claimed.findings.map(\.message))")
  }

  private func healed(_ text: String, planting planted: [String]) async throws -> SessionReport {
    let playground = try Playground()
    try playground.write(text, to: "main.py")
    var environment = playground.environment
    environment["HEAL_LAUNCHER"] = Machine.built + "/heal-launcher"
    let work = try WorkFolder(environment: environment)
    let program = Program(
      root: playground.folder,
      entry: .script(path: "main.py", arguments: [])
    )
    let oracle = Oracle.examples([ExampleCase(name: "exit", expected: nil)])
    let adapter = PlantingAdapter(
      real: try await PythonAdapter.open(
        program: program,
        oracle: oracle,
        options: PythonOptions(
          interpreter: Machine.python,
          environment: environment,
          seed: 0,
          jobs: 1,
          toolsFolder: nil
        ),
        processes: try await ProcessPort.live(
          root: playground.folder,
          sandbox: try await Sandbox.probe(environment: environment, mechanism: .limits),
          policy: SandboxPolicy(),
          work: work
        ),
        limits: ChildLimits(wall: 5, cpu: 5)
      ),
      planted: planted
    )
    let clock = ContinuousClock()
    let begin = clock.now
    let report = try await Healing.heal(
      program,
      oracle: oracle,
      with: adapter,
      budget: Budget(seconds: 100, attempts: 2),
      now: { (clock.now - begin) / .seconds(1) },
      events: { _ in }
    )
    await adapter.close()
    await work.remove()
    return report
  }
}
