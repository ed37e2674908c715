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
