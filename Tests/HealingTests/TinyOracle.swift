import HealingModel

/// A test of the tiny language: under these inputs the name has this value.
struct TinyTest: Sendable, Hashable {
  var id: String
  var name: String
  var value: TinyValue
  var inputs: [String: Int] = [:]
  /// Whether the user asked for it; the others guard against regressions.
  var target = true

  init(
    _ id: String,
    _ name: String,
    _ value: Int,
    _ inputs: [String: Int] = [:],
    guards: Bool = false
  ) {
    self.id = "tests::" + id
    self.name = name
    self.value = .number(value)
    self.inputs = inputs
    target = !guards
  }
}

/// What decides whether a tiny program passes.
struct TinyOracle: Sendable {
  var oracle: Oracle
  var tests: [TinyTest] = []
  var installed: Set<String> = ["math"]

  /// Tests of a suite.
  static func suite(_ tests: [TinyTest]) -> TinyOracle { TinyOracle(oracle: .suite, tests: tests) }

  /// One example with its output; without one, a clean exit is all that is asked for.
  static func script(expected: String? = nil) -> TinyOracle {
    TinyOracle(oracle: .examples([ExampleCase(name: "run", expected: expected)]))
  }

  /// Runs the oracle.
  ///
  /// - Parameters:
  ///   - sources: The program.
  ///   - run: What the name `run` stands for: a thing that a program may not depend on.
  /// - Returns: The judgement with the coverage of each test.
  func judge(_ sources: Sources, run: Int) -> (judgement: Judgement, coverage: [[String: [Int]]]) {
    let program = TinyProgram(sources)
    switch oracle {
    case .examples(let cases): return examples(cases, program, run)
    case .suite: return suite(program, run)
    case .command:
      var tiny = TinyRun(program, inputs: ["run": run], installed: installed)
      let seen = tiny.script()
      let outcome = seen.exit == .code(0) ? TestOutcome.passed : .failed
      return (
        Judgement(tests: [TestResult(id: "command", outcome: outcome)], observation: seen),
        [seen.coverage]
      )
    }
  }

  private func examples(
    _ cases: [ExampleCase],
    _ program: TinyProgram,
    _ run: Int
  ) -> (Judgement, [[String: [Int]]]) {
    var results: [TestResult] = []
    var seen: [Observation] = []
    for item in cases {
      var tiny = TinyRun(program, inputs: ["run": run], installed: installed)
      let shown = tiny.script()
      let passed = item.expected.map { shown.stdout.head == $0 } ?? true
      results.append(
        TestResult(
          id: item.name,
          outcome: passed && shown.exit == .code(0) ? .passed : .failed,
          exception: shown.exception,
          matched: item.expected.map { share(of: $0, in: shown.stdout.head) }
        )
      )
      seen.append(shown)
    }
    let failure = results.firstIndex { $0.outcome != .passed } ?? 0
    return (Judgement(tests: results, observation: seen[failure]), seen.map(\.coverage))
  }

  private func suite(_ program: TinyProgram, _ run: Int) -> (Judgement, [[String: [Int]]]) {
    var results: [TestResult] = []
    var coverage: [[String: [Int]]] = []
    var failure: Observation?
    var last = Observation(exit: .code(0), wall: 0.01)
    for test in tests where !program.operands(of: "drop").contains(test.id) {
      let inputs = test.inputs.merging(["run": run]) { $1 }
      var tiny = TinyRun(program, inputs: inputs, installed: installed)
      var end: TinyRun.End?
      var outcome = TestOutcome.failed
      switch tiny.value(of: test.name) {
      case .success(let value): outcome = value == test.value ? .passed : .failed
      case .failure(let error): end = error
      }
      if program.operands(of: "skip").contains(test.id) { outcome = .skipped }
      if program.operands(of: "xfail").contains(test.id) { outcome = .xfailed }
      last = tiny.observation(end)
      if outcome == .failed, failure == nil { failure = last }
      results.append(
        TestResult(
          id: test.id,
          outcome: outcome,
          target: test.target,
          exception: last.exception
        )
      )
      coverage.append(last.coverage)
    }
    for id in program.operands(of: "add") {
      results.append(TestResult(id: id, outcome: .passed))
      coverage.append([:])
    }
    var seen = failure ?? last
    seen.exit = .code(failure == nil ? 0 : 1)
    return (Judgement(tests: results, observation: seen), coverage)
  }
}

private func share(of expected: String, in output: String) -> Double {
  let same = zip(expected, output).prefix { $0 == $1 }.count
  return expected.isEmpty ? 1 : Double(same) / Double(expected.count)
}
