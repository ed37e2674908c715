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
  /// The files in which unittest finds tests, of the whole program.
  let testFiles: [String]

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

  func run(
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
        [interpreter.path, program.argument(path)] + arguments + example.arguments,
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

  // MARK: Commands

  private func command(overlay: [String: [UInt8]], hashSeed: Int) async throws -> Judgement {
    guard case .command(let line) = program.entry else {
      throw AdapterError.usage(message: "there is no command")
    }
    let result = try await run(["/bin/sh", "-c", line], overlay: overlay, hashSeed: hashSeed)
    // The shell's own words for a command that is not there; a repair cannot bring it.
    if overlay.isEmpty, result.exit == .code(127) {
      let said = (result.stderr.head + result.stderr.tail).split(whereSeparator: \.isNewline).last
      throw AdapterError.environment(
        message: "the command cannot be run: \(said.map(String.init) ?? line)",
        remedy: "install what it names, or correct --command"
      )
    }
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

extension FreshRuns {
  /// What a fresh run shows without any instrument: its exit, its output, and the last traceback.
  func observation(of result: ChildResult) -> Observation {
    var seen = shown(by: result)
    if result.exit != .code(0) {
      seen.refused = refusedOperations(
        in: seen.stderr.text + "\n" + seen.stdout.text,
        sandbox: processes.sandbox,
        root: program.root
      )
    }
    return seen
  }
}

private func shown(by result: ChildResult) -> Observation {
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

extension Program {
  /// A path that is relative to the root, as seen from the working folder.
  func argument(_ path: String) -> String {
    if workingFolder.isEmpty { return path }
    if path == workingFolder { return "." }
    if path.hasPrefix(workingFolder + "/") {
      return String(path.dropFirst(workingFolder.count + 1))
    }
    let up = workingFolder.split(separator: "/").map { _ in "../" }.joined()
    return path == "." ? String(up.dropLast()) : up + path
  }
}
