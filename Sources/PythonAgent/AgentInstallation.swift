import Foundation
import Healing
import HealingModel

/// The agent's files on disk, where the interpreter can read them.
struct AgentInstallation: Sendable {
  /// The folder that holds the package `heal_agent`.
  let folder: String

  /// The file that starts the agent.
  var entry: String { folder + "/heal_agent/__main__.py" }

  /// Unpacks the embedded agent, once for each version of its content.
  ///
  /// `HEAL_AGENT_DIR` names a folder to use instead, for work on the agent itself.
  ///
  /// - Parameter environment: The environment of the tool.
  /// - Returns: Where the agent is.
  /// - Throws: ``AdapterError`` when the cache cannot be written.
  static func unpacked(environment: [String: String]) throws(AdapterError) -> AgentInstallation {
    if let folder = environment["HEAL_AGENT_DIR"] { return AgentInstallation(folder: folder) }
    let cache = cacheFolder(environment: environment) + "/agent"
    let hash = sha256(embeddedAgentFiles.map { "\($0.path)\u{0}\($0.text)\u{0}" }.joined().utf8)
    let folder = "\(cache)/\(hash.prefix(16))"
    let installation = AgentInstallation(folder: folder)
    if FileManager.default.fileExists(atPath: installation.entry) { return installation }
    do {
      try unpack(into: folder, cache: cache)
    } catch {
      throw .environment(
        message: "the agent cannot be unpacked into \(cache): \(error.localizedDescription)",
        remedy: "make it writable, or set XDG_CACHE_HOME to a folder that is"
      )
    }
    return installation
  }

  /// Compiles the unpacked agent once for each version of Python: where it runs it may write nothing,
  /// and would be compiled anew at every start.
  ///
  /// - Parameters:
  ///   - interpreter: The interpreter that will run it.
  ///   - processes: How processes are started.
  ///   - environment: The environment of the tool.
  func compile(
    with interpreter: Interpreter,
    processes: ProcessPort,
    environment: [String: String]
  ) async {
    let version = interpreter.version.split(separator: ".").prefix(2).joined(separator: ".")
    let mark = "\(folder)/compiled-\(version)"
    let manager = FileManager.default
    guard environment["HEAL_AGENT_DIR"] == nil, !manager.fileExists(atPath: mark),
      manager.isWritableFile(atPath: folder)
    else { return }
    // The folder is named by its content, so that sources need not be looked at again.
    let command = [
      interpreter.path, "-I", "-S", "-m", "compileall", "-q", "--invalidation-mode",
      "unchecked-hash", "\(folder)/heal_agent",
    ]
    // Without it the agent starts all the same, more slowly; nobody tries again at each start.
    _ = try? await processes.runTrusted(command, environment)
    _ = manager.createFile(atPath: mark, contents: nil)
  }

  /// Files appear at their final place in one rename, so that two starts at once are safe.
  private static func unpack(into folder: String, cache: String) throws {
    let manager = FileManager.default
    let temporary = "\(cache)/.new-\(UUID().uuidString)"
    for file in embeddedAgentFiles {
      let path = "\(temporary)/heal_agent/\(file.path.dropPrefix("heal_agent/"))"
      try manager.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent,
        withIntermediateDirectories: true
      )
      try Data(file.text.utf8).write(to: URL(fileURLWithPath: path))
    }
    do {
      try manager.moveItem(atPath: temporary, toPath: folder)
    } catch {
      try? manager.removeItem(atPath: temporary)
      guard manager.fileExists(atPath: folder) else { throw error }
    }
  }
}

/// The tool's cache folder: `$XDG_CACHE_HOME/heal`, else `~/.cache/heal`.
func cacheFolder(environment: [String: String]) -> String {
  if let folder = environment["XDG_CACHE_HOME"], folder.hasPrefix("/") { return folder + "/heal" }
  return (environment["HOME"] ?? NSHomeDirectory()) + "/.cache/heal"
}

extension String {
  func dropPrefix(_ prefix: String) -> String {
    hasPrefix(prefix) ? String(dropFirst(prefix.count)) : self
  }
}
