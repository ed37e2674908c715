import Diagnosis
import Healing
import HealingModel

/// The bugs that were seen in some files, their paths as seen from the user's folder.
struct DiagnosisReport: Sendable, Hashable {
  /// The bugs, in the order of their places.
  var findings: [Finding] = []
  /// The number of files that were looked at.
  var files = 0
  /// Sentences for the reader.
  var notes: [String] = []
}

/// Names every bug that can be seen in files and folders, without running them.
///
/// - Parameters:
///   - paths: Files and folders as typed.
///   - context: The world.
///   - settings: The settings for a root.
/// - Returns: What was found.
/// - Throws: What `CommandError` takes.
func diagnose(
  _ paths: [String],
  in context: Context,
  settings: (_ root: String) throws(CommandError) -> Settings
) async throws -> DiagnosisReport {
  var byRoot: [String: [String]] = [:]
  for path in paths {
    let resolved = try checkedPath(path, in: context)
    let root = try rootFolder(of: resolved, in: context)
    byRoot[root, default: []].append(relativePath(resolved, in: root) ?? "")
  }
  let ports = context.ports(context)
  var report = DiagnosisReport()
  for (root, wanted) in byRoot.sorted(by: { $0.key < $1.key }) {
    let program = Program(root: root, entry: .script(path: wanted[0], arguments: []))
    let oracle = Oracle.examples([ExampleCase(name: "run", expected: nil)])
    let opened = try await ports.openAdapter(program, oracle, try settings(root))
    do {
      try await add(wanted, of: root, from: opened.adapter, to: &report, seenFrom: context.folder)
    } catch {
      await opened.close()
      throw error
    }
    await opened.close()
  }
  report.findings.sort { ($0.path, $0.range.start) < ($1.path, $1.range.start) }
  return report
}

private func add(
  _ wanted: [String],
  of root: String,
  from adapter: any LanguageAdapter,
  to report: inout DiagnosisReport,
  seenFrom folder: String
) async throws {
  let all = try await adapter.editableSources()
  let sources = Sources(
    all.texts.filter { file in
      wanted.contains { $0.isEmpty || file.key == $0 || file.key.hasPrefix($0 + "/") }
    }
  )
  report.files += sources.texts.count
  for path in wanted where !sources.texts.keys.contains(where: { isInside($0, path) }) {
    report.notes.append("\(path.isEmpty ? "." : path) holds no program that heal can read")
  }
  for var finding in rebank(try await adapter.findings(in: sources, after: nil)) {
    let absolute = root + "/" + finding.path
    finding.path = relativePath(absolute, in: folder) ?? absolute
    report.findings.append(finding)
  }
}

private func isInside(_ path: String, _ folder: String) -> Bool {
  folder.isEmpty || path == folder || path.hasPrefix(folder + "/")
}

private func checkedPath(_ path: String, in context: Context) throws(CommandError) -> String {
  let locator = ProgramLocator(folder: context.folder, home: context.home)
  let absolute = absolutePath(path, from: context.folder)
  guard FileKind(of: absolute) == .folder, let resolved = resolvedPath(absolute) else {
    return try locator.checkedSource(path)
  }
  return resolved
}

private func rootFolder(of path: String, in context: Context) throws(CommandError) -> String {
  let locator = ProgramLocator(folder: context.folder, home: context.home)
  let isFolder = FileKind(of: path) == .folder
  return try locator.rootFolder(around: isFolder ? path : parentFolder(of: path))
}
