import Foundation
import Healing
public import HealingModel

extension PythonAdapter {
  /// Names everything that decides what becomes of a candidate made of `sources`.
  ///
  /// Source files that the program uses count by their content, what else lies in its folder by
  /// size and time of change, installed packages by the interpreter that has them.
  ///
  /// - Returns: A digest; nil for an agent under work, and for a folder of too many files.
  public func content(of sources: Sources) -> String? {
    guard setup.options.environment["HEAL_AGENT_DIR"] == nil,
      let others = otherFiles(), let question = try? question()
    else { return nil }
    var parts = [question] + others
    for (path, bytes) in setup.files.bytes.sorted(by: { $0.key < $1.key })
    where sources[path] == nil {
      parts += [path, sha256(bytes)]
    }
    for path in sources.paths { parts += [path, sha256((sources[path] ?? "").utf8)] }
    return sha256(parts.map { "\($0.utf8.count):\($0)" }.joined().utf8)
  }

  /// What is asked of the program, by what, and in which surroundings.
  private func question() throws -> String {
    struct Question: Encodable {
      var program: Program
      var oracle: Oracle
      var interpreter: String
      var version: String
      var agent: String
      var sandbox: String
      var environment: [String: String]
      var seed: UInt64
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let question = Question(
      program: setup.program,
      oracle: setup.oracle,
      interpreter: setup.interpreter.path,
      version: setup.interpreter.version,
      agent: setup.installation.folder,
      sandbox: surroundings.sandbox,
      environment: setup.environment,
      seed: setup.options.seed
    )
    return String(decoding: try encoder.encode(question), as: UTF8.self)
  }

  /// Path, size and time of change of the files of the folder that are no source files in use.
  private func otherFiles() -> [String]? {
    let root = setup.program.root
    let keys: Set<URLResourceKey> = [
      .isRegularFileKey, .fileSizeKey, .contentModificationDateKey,
    ]
    guard
      let walker = FileManager.default.enumerator(
        at: URL(fileURLWithPath: root),
        includingPropertiesForKeys: Array(keys)
      )
    else { return nil }
    var found: [String] = []
    for case let url as URL in walker {
      if isNoPart(url) {
        walker.skipDescendants()
        continue
      }
      let path = url.path.dropPrefix(root.hasSuffix("/") ? root : root + "/")
      guard let values = try? url.resourceValues(forKeys: keys), values.isRegularFile == true,
        setup.files.bytes[path] == nil
      else { continue }
      let changed = values.contentModificationDate?.timeIntervalSince1970 ?? 0
      found.append("\(path) \(values.fileSize ?? 0) \(changed)")
      guard found.count <= 20_000 else { return nil }
    }
    return found.sorted()
  }
}
