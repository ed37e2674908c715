import Foundation
import Healing
import HealingModel

/// One run of a script on the wire.
struct WireRun: Encodable {
  struct Limits: Encodable {
    var wall: Double
    var cpu: Double
    var memory: Int
    var output: Int
  }
  var argv: [String]
  var test: String?
  var stdin: String?
  var limits: Limits
  var env: [String: String] = [:]
  var withheld: [String] = []
}

/// An oracle on the wire.
struct WireOracle: Encodable {
  struct Case: Encodable {
    var name: String
    var args: [String]
    var stdin: String
    var expected: String?
  }
  var kind: String
  var argv: [String]?
  var cases: [Case]?
  var targets: [String]?
  var regressions: String?
  var args: [String]?

  init(_ setup: PythonAdapter.Setup) {
    switch (setup.oracle, setup.program.entry) {
    case (.examples(let cases), .script(let path, let arguments)):
      kind = "script"
      argv = [setup.program.argument(path)] + arguments
      self.cases = cases.map {
        Case(
          name: $0.name,
          args: $0.arguments,
          stdin: String(decoding: $0.input, as: UTF8.self),
          expected: $0.expected
        )
      }
    case (_, .suite(let targets, let arguments)):
      kind = "suite"
      let folder = setup.program.workingFolder
      self.targets = targets.isEmpty ? [folder.isEmpty ? "." : folder] : targets
      regressions = setup.files.hasOtherTests ? "root" : nil
      args = arguments
    case (_, .script), (_, .command): self = .none
    }
  }

  private init(kind: String, cases: [Case]) { (self.kind, self.cases) = (kind, cases) }

  /// An oracle that runs nothing: the agent then knows the texts and their edits alone.
  static let none = WireOracle(kind: "script", cases: [])
}

/// What `load` answers: the baseline.
struct WireBaseline: Decodable {
  struct Depth: Decodable {
    var depth: String
    var why: String?
  }
  var tests: [WireTest]
  var coverage: [String: [String: [Int]]]?
  var observation: WireObservation?
  var depth: String?
  var why: String?
}

struct LoadParameters: Encodable {
  var oracle: WireOracle
  var files: [String: String]
  var modules: [String]
  var coverage: Bool
  var timeout: Double
  var withheld: [String] = []
}

extension PythonAdapter {
  func observeExamples(_ cases: [ExampleCase], _ sources: Sources) async throws -> Judgement {
    guard case .script(let path, let arguments) = setup.program.entry else {
      throw AdapterError.usage(message: "examples need a script")
    }
    var tests: [TestResult] = []
    var shown: Observation?
    for example in cases {
      let argv = [setup.program.argument(path)] + arguments + example.arguments
      // A program that ends the agent with itself is seen from outside alone.
      guard
        let seen = try await surviving({ try await observe(argv, example.input, sources, by: $0) })
      else { return try await judge(sources, run: 0) }
      let passed =
        seen.exit == .code(0) && seen.stop == .finished
        && example.expected.map {
          seen.stdout.isWhole && sameOutput(seen.stdout.head + seen.stdout.tail, $0)
        } ?? true
      let isFirstFailure = !passed && tests.allSatisfy { $0.outcome == .passed }
      if shown == nil || isFirstFailure { shown = seen }
      tests.append(
        TestResult(
          id: example.name,
          outcome: passed ? .passed : .failed,
          seconds: seen.wall,
          exception: seen.exception,
          matched: example.expected.map { matchedShare(of: $0, in: seen.stdout.head) }
        )
      )
    }
    return Judgement(tests: tests, observation: shown ?? Observation(exit: .code(0)))
  }

  private func observe(
    _ argv: [String],
    _ input: [UInt8],
    _ sources: Sources,
    by client: AgentClient
  ) async throws -> Observation {
    struct Parameters: Encodable {
      var run: WireRun
      var files: [String: String]
      var coverage: Bool
    }
    let limits = setup.limits
    let reply: WireObservation = try await client.request(
      "observe",
      Parameters(
        run: WireRun(
          argv: argv,
          stdin: String(decoding: input, as: UTF8.self),
          limits: WireRun.Limits(
            wall: limits.wall,
            cpu: limits.cpu,
            memory: limits.memory,
            output: limits.output
          ),
          withheld: setup.processes.sandbox.withheld
        ),
        files: sources.texts,
        coverage: true
      ),
      within: limits.wall + 10
    )
    try confirmPlace(of: reply)
    var seen = reply.observation
    if seen.refused.isEmpty, seen.exit != .code(0) {
      // What a process of the program's met, the agent does not see.
      seen.refused = refusedOperations(
        in: seen.stderr.text,
        sandbox: setup.processes.sandbox,
        root: setup.program.root
      )
    }
    return seen
  }

  func observeSuite(_ sources: Sources) async throws -> Judgement {
    guard var judged = try await loaded(sources)?.judgement else {
      return try await judge(sources, run: 0)
    }
    if judged.observation.refused.isEmpty {
      let errors = judged.tests.filter { $0.target && $0.outcome != .passed }
        .compactMap(\.exception).map { "\($0.type): \($0.message)" }
      judged.observation.refused = refusedOperations(
        in: errors.joined(separator: "\n"),
        sandbox: setup.processes.sandbox,
        root: setup.program.root
      )
    }
    return judged
  }

  /// Loads the oracle into the first agent, unless these sources are what it holds; nil when the
  /// program ended the agent with itself.
  func loaded(_ sources: Sources) async throws -> WireBaseline? {
    if let lastLoad, lastLoad.sources == sources { return lastLoad.baseline }
    lastLoad = nil
    let baseline = try await surviving {
      try await load(WireOracle(setup), sources, into: $0)
    }
    try baseline?.observation.map(confirmPlace)
    lastLoad = baseline.map { (sources, $0) }
    return baseline
  }

  /// Makes sure that no module of the program was imported from where the user has it, where the
  /// copy runs at another path: then nothing that is tried would have an effect.
  private func confirmPlace(of seen: WireObservation) throws {
    let root = setup.program.root + "/"
    let elsewhere = (seen.elsewhere ?? []).lazy.filter { $0.hasPrefix(root) }
      .map { $0.dropPrefix(root) }
    guard let path = elsewhere.first(where: { setup.files.texts[$0] != nil }) else { return }
    throw notTheCopy(path)
  }

  func load(
    _ oracle: WireOracle,
    _ sources: Sources,
    into client: AgentClient
  ) async throws -> WireBaseline {
    do {
      return try await client.request(
        "load",
        LoadParameters(
          oracle: oracle,
          files: sources.texts,
          modules: [],
          coverage: true,
          timeout: setup.limits.wall,
          withheld: setup.processes.sandbox.withheld
        ),
        within: setup.limits.wall * 4
      )
    } catch AgentError.refused(kind: "usage", let message) {
      throw AdapterError.usage(message: message)
    } catch AgentError.refused(kind: "environment", let message) {
      throw AdapterError.environment(
        message: message,
        remedy: "install it with `\(setup.interpreter.path) -m pip install pytest`"
      )
    }
  }
}

/// The share of the expected lines that the output has, the leading ones counted twice.
private func matchedShare(of expected: String, in output: String) -> Double {
  let wanted = expected.split(whereSeparator: \.isNewline)
  let came = output.split(whereSeparator: \.isNewline)
  guard !wanted.isEmpty else { return came.isEmpty ? 1 : 0 }
  let leading = zip(wanted, came).prefix { $0 == $1 }.count
  let present = wanted.count - wanted.difference(from: came).insertions.count
  return Double(leading + present) / Double(2 * wanted.count)
}

extension WireBaseline {
  /// The baseline as a judgement; the observation is that of the first failing test.
  var judgement: Judgement {
    let results = tests.map(\.result)
    let failing = results.first { [.failed, .error].contains($0.outcome) }
    let seen =
      observation?.observation
      ?? Observation(exit: .code(failing == nil ? 0 : 1), exception: failing?.exception)
    return Judgement(tests: results, observation: seen)
  }
}
