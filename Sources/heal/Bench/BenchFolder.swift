import Foundation

/// The folders of one healing: the program, an empty state of heal, and room for its work.
struct BenchFolder: Sendable {
  /// The folder around all of them.
  var path: String

  /// The program's folder.
  var program: String { path + "/program" }
  /// The folder of heal's state, which is empty: no program remembers another one.
  var state: String { path + "/state" }
  /// The folder for what heal and the program leave behind.
  var temporary: String { path + "/tmp" }
  /// The folder of the user's settings, which is empty: the measurement says what holds.
  var settings: String { path + "/config" }

  /// Folders that interpreters and test runners leave behind: no part of a program.
  static let caches: Set<String> = ["__pycache__", ".pytest_cache"]

  /// Writes files into the program's folder, which is made when it is not there.
  func write(_ files: [String: String]) throws {
    let manager = FileManager.default
    for folder in [program, state, temporary, settings] {
      try manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }
    for (name, text) in files {
      let file = program + "/" + name
      try manager.createDirectory(
        atPath: parentFolder(of: file),
        withIntermediateDirectories: true
      )
      try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    }
  }

  /// Every file of the program's folder with its bytes, caches left out; a link has none.
  func contents() -> [String: [UInt8]] {
    var found: [String: [UInt8]] = [:]
    guard let walk = FileManager.default.enumerator(atPath: program) else { return found }
    while let name = walk.nextObject() as? String {
      let type = walk.fileAttributes?[.type] as? FileAttributeType
      if type == .typeDirectory {
        if BenchFolder.caches.contains((name as NSString).lastPathComponent) {
          walk.skipDescendants()
        }
        continue
      }
      let data =
        type == .typeRegular ? FileManager.default.contents(atPath: program + "/" + name) : nil
      found[name] = data.map { [UInt8]($0) } ?? []
    }
    return found
  }

  /// Removes all of it.
  func remove() { try? FileManager.default.removeItem(atPath: path) }
}
