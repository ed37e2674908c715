import Foundation
import HealingModel

/// One bundled program with its bugs.
struct DemoProgram: Sendable {
  /// Its name, which is its folder's.
  var name: String
  /// The number of bugs in it.
  var bugs: Int
  /// What it is and what is wrong, in a sentence.
  var story: String
  /// The file that is run; nil when its tests are.
  var script: String?
  /// What it must print; nil when its tests decide.
  var expected: String?
  /// Its files.
  var files: [String: String]

  /// How it is started.
  var entry: Program.Entry {
    script.map { .script(path: $0, arguments: []) } ?? .suite(targets: [], arguments: [])
  }

  /// What decides.
  var oracle: Oracle {
    script == nil ? .suite : .examples([ExampleCase(name: "run", expected: expected)])
  }

  /// Writes its files into a folder, which is made.
  func write(into folder: String) throws {
    for (path, text) in files {
      let target = folder + "/" + path
      try FileManager.default.createDirectory(
        atPath: parentFolder(of: target),
        withIntermediateDirectories: true
      )
      try Data(text.utf8).write(to: URL(fileURLWithPath: target))
    }
  }
}
