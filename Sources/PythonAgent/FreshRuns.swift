import Foundation
import Healing
import HealingModel

/// Runs of an oracle in a fresh interpreter that holds no code of ours, in a fresh copy.
struct FreshRuns: Sendable {
  let program: Program
  let oracle: Oracle
  let interpreter: Interpreter
  let processes: ProcessPort
  let environment: [String: String]
  let limits: ChildLimits
  /// Whether there are tests beside those asked for, which guard against regressions.
  let guardsWholeRoot: Bool

  /// Reads a JUnit report; it is the program's to forge, so ids are compared afterwards.
  typealias ReportReader = @Sendable (String) async throws -> [ReportedTest]

  /// What the oracle says of the program with `overlay` in place.
  ///
  /// - Parameters:
  ///   - overlay: Changed files, as bytes by path.
  ///   - hashSeed: The seed of string hashing, so that two runs can differ in it.
  ///   - reader: Reads what pytest reports.
  /// - Returns: The verdict of each test, and what the run showed.
  /// - Throws: ``AdapterError``, or what the port throws.
  func judge(
    overlay: [String: [UInt8]],
    hashSeed: Int,
    reader: ReportReader
  ) async throws -> Judgement {
    switch oracle {
    case .examples(let cases):
      try await examples(cases, overlay: overlay, hashSeed: hashSeed)
    case .suite:
      interpreter.hasPytest
        ? try await pytest(overlay: overlay, hashSeed: hashSeed, reader: reader)
        : try await unittest(overlay: overlay, hashSeed: hashSeed)
    case .command: try await command(overlay: overlay, hashSeed: hashSeed)
    }
  }

  private func run(
    _ argv: [String],
    input: [UInt8] = [],
    overlay: [String: [UInt8]],
    hashSeed: Int,
    collect: [String] = [],
    folder: String? = nil
  ) async throws -> ChildResult {
    var environment = self.environment
    environment["PYTHONHASHSEED"] = "\(hashSeed)"
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    return try await processes.run(
      ChildCommand(
        argv: argv,
        environment: environment,
        workingFolder: folder ?? program.workingFolder,
        input: input,
        overlay: overlay,
        collect: collect,
        limits: limits
      )
    )
  }

  // MARK: Examples

  private func examples(
    _ cases: [ExampleCase],
    overlay: [String: [UInt8]],
    hashSeed: Int
  ) async throws -> Judgement {
    guard case .script(let path, let arguments) = program.entry else {
      throw AdapterError.usage(message: "examples need a script")
    }
    var tests: [TestResult] = []
    var shown: Observation?
    for example in cases {
      let result = try await run(
        [interpreter.path, program.scriptArgument(path)] + arguments + example.arguments,
        input: example.input,
        overlay: overlay,
        hashSeed: hashSeed
      )
      let passed = passes(result, expected: example.expected)
      tests.append(
        TestResult(
          id: example.name,
          outcome: passed ? .passed : .failed,
          seconds: result.wall
        )
      )
      if shown == nil || !passed && tests.dropLast().allSatisfy({ $0.outcome == .passed }) {
        shown = observation(of: result)
      }
    }
    return Judgement(tests: tests, observation: shown ?? Observation(exit: .code(0)))
  }

  // MARK: Suites

  private static let reportName = ".heal-report.xml"

  private func pytest(
    overlay: [String: [UInt8]],
    hashSeed: Int,
    reader: ReportReader
  ) async throws -> Judgement {
    guard case .suite(let targets, let arguments) = program.entry else {
      throw AdapterError.usage(message: "a suite needs tests")
    }
    let prefix = program.workingFolder.isEmpty ? "" : program.workingFolder + "/"
    let report = prefix + Self.reportName
    let argv =
      [interpreter.path, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
      + ["--continue-on-collection-errors", "-o", "junit_family=xunit1"]
      + ["--junitxml=\(Self.reportName)"] + arguments + targets
      + (guardsWholeRoot ? [program.workingFolder.isEmpty ? "." : program.root] : [])
    let result = try await run(argv, overlay: overlay, hashSeed: hashSeed, collect: [report])
    guard let bytes = result.collected[report] else {
      return Judgement(tests: [], observation: observation(of: result))
    }
    let reported = try await reader(String(decoding: bytes, as: UTF8.self))
    return Judgement(
      tests: reported.map { test in
        TestResult(
          id: test.id,
          outcome: test.outcome,
          target: isTarget(test.id, among: targets),
          seconds: test.seconds
        )
      }.sorted { $0.id < $1.id },
      observation: observation(of: result)
    )
  }

  /// Whether a test belongs to what the user asked for; an id without a file might.
  private func isTarget(_ id: String, among targets: [String]) -> Bool {
    guard guardsWholeRoot, id.contains(".py") else { return true }
    return targets.contains { target in
      let path = target.dropPrefix("./")
      return path == "." || id == path
        || ["/", "::", "["].contains { id.hasPrefix(path + $0) }
    }
  }

  /// unittest prints a line for each test; its last word is the outcome.
  private func unittest(overlay: [String: [UInt8]], hashSeed: Int) async throws -> Judgement {
    guard case .suite(let targets, _) = program.entry else {
      throw AdapterError.usage(message: "a suite needs tests")
    }
    let names = targets.filter { $0 != "." }
    let argv =
      [interpreter.path, "-m", "unittest"] + (names.isEmpty ? ["discover", "-v"] : ["-v"] + names)
    let result = try await run(argv, overlay: overlay, hashSeed: hashSeed)
    return Judgement(
      tests: unittestResults(in: result.stderr.head + result.stderr.tail),
      observation: observation(of: result)
    )
  }

  // MARK: Commands

  private func command(overlay: [String: [UInt8]], hashSeed: Int) async throws -> Judgement {
    guard case .command(let line) = program.entry else {
      throw AdapterError.usage(message: "there is no command")
    }
    let result = try await run(["/bin/sh", "-c", line], overlay: overlay, hashSeed: hashSeed)
    let test = TestResult(
      id: line,
      outcome: result.exit == .code(0) ? .passed : .failed,
      seconds: result.wall
    )
    return Judgement(tests: [test], observation: observation(of: result))
  }
}

/// Whether a run met an example: a clean exit, and the expected output, trailing space ignored.
func passes(_ result: ChildResult, expected: String?) -> Bool {
  guard result.exit == .code(0), result.stop == .finished else { return false }
  guard let expected else { return true }
  return result.stdout.isWhole
    && sameOutput(result.stdout.head + result.stdout.tail, expected)
}

/// Whether two outputs are equal but for white space at the ends of lines and of the whole.
func sameOutput(_ lhs: String, _ rhs: String) -> Bool {
  trimmed(lhs) == trimmed(rhs)
}

private func trimmed(_ text: String) -> [Substring] {
  var lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    .map { line in
      line.lastIndex { !$0.isWhitespace }.map { line[...$0] } ?? ""
    }
  while lines.last?.isEmpty == true { lines.removeLast() }
  return lines
}

/// What a fresh run shows without any instrument: its exit, its output, and the last traceback.
func observation(of result: ChildResult) -> Observation {
  Observation(
    exit: result.exit,
    stop: result.stop,
    stdout: result.stdout,
    stderr: result.stderr,
    exception: traceback(in: result.stderr.head + result.stderr.tail),
    wall: result.wall,
    cpu: result.cpu,
    peakMemory: result.peakMemory
  )
}

/// The last uncaught exception that a text shows as CPython prints one.
private func traceback(in text: String) -> ObservedException? {
  guard let start = text.range(of: "Traceback (most recent call last):", options: .backwards)
  else { return nil }
  let lines = text[start.upperBound...].split(separator: "\n")
  guard
    let last = lines.first(where: { !$0.hasPrefix(" ") }),
    let match = last.wholeMatch(of: /([\w.]+)(?:: (.*))?/)
  else { return nil }
  let frames = lines.compactMap { line -> Frame? in
    guard let frame = line.wholeMatch(of: /\s*File "(.*)", line (\d+), in (.*)/) else { return nil }
    return Frame(
      path: String(frame.1),
      line: Int(frame.2) ?? 0,
      function: String(frame.3)
    )
  }
  return ObservedException(
    type: String(match.1),
    message: match.2.map(String.init) ?? "",
    frames: frames
  )
}

/// One test case of a JUnit report.
struct ReportedTest: Codable, Hashable {
  var file: String
  var classname: String
  var name: String
  var outcome: TestOutcome
  var seconds: Double

  /// The node id that pytest would print.
  var id: String {
    guard !file.isEmpty else { return name.isEmpty ? classname : name }
    let module = file.dropLast(file.hasSuffix(".py") ? 3 : 0).replacing("/", with: ".")
    guard !classname.isEmpty else { return file }
    let classes = classname.dropPrefix(String(module)).split(separator: ".")
    return ([Substring(file)] + classes + [Substring(name)]).joined(separator: "::")
  }
}

private func unittestResults(in text: String) -> [TestResult] {
  var results: [TestResult] = []
  var name: String?
  for line in text.split(separator: "\n") {
    if let match = line.prefixMatch(of: /(\w+) \(([\w.]+)\)/) {
      let method = String(match.1)
      let place = String(match.2)
      name = place.hasSuffix("." + method) ? place : place + "." + method
    }
    guard let test = name, let word = line.split(separator: " ... ").last else { continue }
    guard let outcome = unittestOutcome(String(word)) else { continue }
    results.append(TestResult(id: test, outcome: outcome))
    name = nil
  }
  return results.sorted { $0.id < $1.id }
}

private func unittestOutcome(_ word: String) -> TestOutcome? {
  switch word {
  case "ok": .passed
  case "FAIL": .failed
  case "ERROR": .error
  case "expected failure": .xfailed
  case "unexpected success": .xpassed
  default: word.hasPrefix("skipped") ? .skipped : nil
  }
}

extension Program {
  /// A script's path as its first argument: relative to the working folder when it lies below it.
  func scriptArgument(_ path: String) -> String {
    if workingFolder.isEmpty { return path }
    return path.hasPrefix(workingFolder + "/")
      ? String(path.dropFirst(workingFolder.count + 1)) : root + "/" + path
  }
}
