/// The folder of the tool's state: `$HEAL_HOME`, else that of the XDG base directories.
///
/// - Parameters:
///   - environment: The environment's variables; an empty one counts as unset.
///   - currentFolder: What a relative `HEAL_HOME` starts from.
/// - Returns: An absolute path; nothing is created.
/// - Throws: ``StoreError/noHome`` when no variable says where.
public func stateFolder(
  environment: [String: String],
  currentFolder: String = "/"
) throws(StoreError) -> String {
  func value(_ name: String) -> String? {
    environment[name].flatMap { $0.isEmpty ? nil : $0 }
  }
  if let chosen = value("HEAL_HOME") {
    return chosen.hasPrefix("/") ? trimmed(chosen) : trimmed(currentFolder) + "/" + trimmed(chosen)
  }
  // The specification asks that a relative path be ignored.
  if let state = value("XDG_STATE_HOME"), state.hasPrefix("/") { return trimmed(state) + "/heal" }
  guard let home = value("HOME"), home.hasPrefix("/") else { throw .noHome }
  return trimmed(home) + "/.local/state/heal"
}

private func trimmed(_ path: String) -> String {
  var path = path[...]
  while path.count > 1, path.hasSuffix("/") { path = path.dropLast() }
  return path == "/" ? "" : String(path)
}
