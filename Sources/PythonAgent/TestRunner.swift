public import Healing
import HealingModel

/// pytest by itself, with nothing of ours beside it: what judges a repair from outside.
public struct TestRunner: Sendable {
  /// The interpreter's absolute path.
  public let interpreter: String
  /// The interpreter's version.
  public let interpreterVersion: String

  /// Finds the interpreter that would run the tests of a program.
  ///
  /// - Parameters:
  ///   - root: The program's folder.
  ///   - options: Name the interpreter, or the environment in which it is looked for.
  ///   - processes: Starts it.
  /// - Throws: ``AdapterError`` when there is none, or it has no pytest.
  public init(
    root: String,
    options: PythonOptions,
    processes: ProcessPort
  ) async throws(AdapterError) {
    let found = try await Interpreter.find(root: root, options: options, processes: processes)
    guard found.hasPytest else {
      throw .environment(
        message: "\(found.path) has no pytest, which judges the repairs",
        remedy: "install it there, or name another interpreter with --python"
      )
    }
    interpreter = found.path
    interpreterVersion = found.version
  }

  /// Whether tests pass in a fresh copy of the program, by pytest's status alone.
  ///
  /// - Parameters:
  ///   - tests: Files of tests, relative to the program's folder.
  ///   - processes: Runs them in the sandbox.
  ///   - seconds: How long they may take; longer ones do not pass.
  /// - Returns: Whether they pass.
  /// - Throws: What the port throws.
  public func passes(
    _ tests: [String],
    processes: ProcessPort,
    within seconds: Double
  ) async throws -> Bool {
    let result = try await processes.run(
      ChildCommand(
        argv: [interpreter, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"] + tests,
        environment: ["PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"],
        limits: ChildLimits(wall: seconds, cpu: seconds)
      )
    )
    return result.exit == .code(0) && result.stop == .finished
  }
}
