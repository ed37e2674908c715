import Foundation
import Healing
import HealingModel

/// A Python interpreter, resolved to its real binary.
struct Interpreter: Sendable, Hashable {
  /// The absolute path of the binary; inside a virtual environment that environment's own.
  var path: String
  /// The version, such as `3.11.7`.
  var version: String
  /// Whether pytest can be imported.
  var hasPytest: Bool
  /// The folder of packages that the user installed for themselves, when it exists.
  var userBase: String?

  /// Finds the interpreter as a person expects: the one asked for, that of the active virtual
  /// environment, that of `.venv` or `venv` at the root, `python3` on the search path.
  static func find(
    root: String,
    options: PythonOptions,
    processes: ProcessPort
  ) async throws(AdapterError) -> Interpreter {
    let environment = options.environment
    if let asked = options.interpreter {
      let path = asked.contains("/") ? absolute(asked, environment) : onPath(asked, environment)
      guard let path, isExecutable(path) else {
        throw .environment(
          message: "there is no interpreter at \(asked)",
          remedy: "name another with --python"
        )
      }
      return try await probe(path, root: root, environment: environment, processes: processes)
    }
    var candidates = environment["VIRTUAL_ENV"].map { [$0 + "/bin/python"] } ?? []
    candidates += [root + "/.venv/bin/python", root + "/venv/bin/python"]
    if let found = candidates.first(where: isExecutable) ?? onPath("python3", environment) {
      return try await probe(found, root: root, environment: environment, processes: processes)
    }
    throw .environment(
      message: "there is no python3 on the search path",
      remedy: "install Python 3.9 or newer, or name an interpreter with --python"
    )
  }

  private static func probe(
    _ path: String,
    root: String,
    environment: [String: String],
    processes: ProcessPort
  ) async throws(AdapterError) -> Interpreter {
    let question = """
      import importlib.util as u, json, platform, site, sys
      f = lambda n: u.find_spec(n) is not None
      print(json.dumps({"path": sys.executable, "version": platform.python_version(), \
      "implementation": platform.python_implementation(), "hasPytest": f("pytest"), \
      "userBase": site.getuserbase() if site.ENABLE_USER_SITE else None}))
      """
    let result: ChildResult
    do {
      // A version manager decides by the folder in which its shim is started.
      let command = ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", root, path, "-B", "-c", question]
      result = try await processes.runTrusted(command, environment)
    } catch {
      throw .environment(
        message: "\(path) cannot be started: \(error)",
        remedy: "name another with --python"
      )
    }
    guard result.exit == .code(0),
      let answer = try? JSONDecoder().decode(Answer.self, from: Data(result.stdout.head.utf8))
    else {
      let reason = result.stderr.text.split(separator: "\n").last.map(String.init) ?? "no answer"
      throw .environment(
        message: "\(path) is no working Python 3.9 or newer (\(reason))",
        remedy: "name another with --python"
      )
    }
    let numbers = answer.version.split(separator: ".").prefix(2).compactMap { Int($0) }
    guard numbers.count == 2, numbers[0] == 3, numbers[1] >= 9 else {
      throw .environment(
        message: "\(path) is Python \(answer.version), which is too old",
        remedy: "heal needs 3.9 to 3.14: name another with --python"
      )
    }
    guard answer.implementation == "CPython" else {
      throw .environment(
        message: "\(path) is \(answer.implementation), which heal does not know",
        remedy: "name a CPython with --python"
      )
    }
    return Interpreter(
      path: answer.path,
      version: answer.version,
      hasPytest: answer.hasPytest,
      userBase: answer.userBase.flatMap { isFolder($0) ? $0 : nil }
    )
  }

  private struct Answer: Decodable {
    var path: String
    var version: String
    var implementation: String
    var hasPytest: Bool
    var userBase: String?
  }
}

private func absolute(_ path: String, _ environment: [String: String]) -> String {
  path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
}

private func onPath(_ name: String, _ environment: [String: String]) -> String? {
  (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":").map { "\($0)/\(name)" }
    .first(where: isExecutable)
}

private func isExecutable(_ path: String) -> Bool {
  FileManager.default.isExecutableFile(atPath: path) && !isFolder(path)
}

func isFolder(_ path: String) -> Bool {
  var folder: ObjCBool = false
  return FileManager.default.fileExists(atPath: path, isDirectory: &folder) && folder.boolValue
}
