import Foundation
import HealingModel

/// Turns what a user typed into a program: checks the files, finds the root and the folder.
struct ProgramLocator {
  /// The folder in which the user stands, symbolic links resolved.
  var folder: String
  /// The user's home folder.
  var home: String?
  /// The root that the user named, or nil to find it.
  var root: String?

  /// The largest source file that is taken.
  static let sizeLimit = 10_000_000

  private static let markers = [
    "pyproject.toml", "setup.py", "setup.cfg", "pytest.ini", "tox.ini", ".git",
  ]

  /// The program that one file is.
  ///
  /// - Parameters:
  ///   - file: The file as typed.
  ///   - arguments: The program's own arguments.
  /// - Returns: The program.
  /// - Throws: `CommandError.usage` when the file cannot be a program.
  func script(_ file: String, arguments: [String]) throws(CommandError) -> Program {
    let path = try checkedSource(file)
    let root = try rootFolder(around: parentFolder(of: path))
    guard let relative = relativePath(path, in: root) else {
      throw .usage("\(file) does not lie in the root \(root)")
    }
    return Program(
      root: root,
      workingFolder: relativePath(folder, in: root) ?? "",
      entry: .script(path: relative, arguments: arguments)
    )
  }

  /// The program that a project with its tests is.
  ///
  /// - Parameters:
  ///   - targets: Files, folders or node ids as typed; none means the folder's own tests.
  ///   - arguments: The test runner's own arguments.
  /// - Returns: The program.
  /// - Throws: `CommandError.usage` when a target is not there.
  func suite(targets: [String], arguments: [String]) throws(CommandError) -> Program {
    var located: [(path: String, node: Substring)] = []
    for target in targets {
      let (path, node) = ProgramLocator.splitNode(target)
      switch FileKind(of: absolutePath(path, from: folder)) {
      case .file, .folder: break
      case .missing: throw .usage("there is no file or folder \(path)")
      case .loop: throw .usage("\(path) is a symbolic link that leads back to itself")
      case .closed: throw .usage("\(path) cannot be read: permission denied")
      case .special: throw .usage("\(path) is a device, a pipe or a socket, not a file")
      }
      guard let resolved = resolvedPath(absolutePath(path, from: folder)) else {
        throw .usage("there is no file or folder \(path)")
      }
      located.append((resolved, node))
    }
    let root = try projectRoot(of: located.map(\.path))
    var relative: [String] = []
    for (path, node) in located {
      guard let inside = relativePath(path, in: root) else {
        throw .usage("\(path) does not lie in the root \(root); name a larger one with --root")
      }
      relative.append((inside.isEmpty ? "." : inside) + node)
    }
    return Program(
      root: root,
      workingFolder: relativePath(folder, in: root) ?? "",
      entry: .suite(targets: relative, arguments: arguments)
    )
  }

  /// The program that a command line checks.
  func command(_ line: String) throws(CommandError) -> Program {
    guard line.contains(where: { !$0.isWhitespace }) else {
      throw .usage("--command needs a command line")
    }
    let root = try rootFolder(around: folder)
    return Program(
      root: root,
      workingFolder: relativePath(folder, in: root) ?? "",
      entry: .command(line)
    )
  }

  /// Checks that a file can be a program's source, and resolves it.
  func checkedSource(_ file: String) throws(CommandError) -> String {
    let path = absolutePath(file, from: folder)
    if FileKind(of: path) == .folder {
      throw .usage("\(file) is a folder; `heal test \(file)` heals a project by its tests")
    }
    if case .file(let size) = FileKind(of: path), size > ProgramLocator.sizeLimit {
      throw .usage("\(file) has \(size) bytes; programs of at most 10 MB are healed")
    }
    let bytes = try readFile(path, atMost: ProgramLocator.sizeLimit)
    guard !bytes.contains(0) else {
      throw .usage("\(file) is a binary file (it holds NUL bytes), not a program's source")
    }
    guard let resolved = resolvedPath(path) else { throw .usage("there is no file \(file)") }
    return resolved
  }

  /// The root of a program that lies in `start`.
  ///
  /// The nearest folder upwards that a project marks as its own, never `/` or the home folder;
  /// else the folder in which the user stands when the program lies in it; else `start`.
  func rootFolder(around start: String) throws(CommandError) -> String {
    if let root {
      let path = absolutePath(root, from: folder)
      guard FileKind(of: path) == .folder, let resolved = resolvedPath(path) else {
        throw .usage("--root \(root) is not a folder")
      }
      return resolved
    }
    let home = home.flatMap(resolvedPath)
    var candidate = start
    while candidate != "/" {
      let marked = ProgramLocator.markers.contains {
        FileKind(of: candidate + "/" + $0) != .missing
      }
      if marked, candidate != home { return candidate }
      candidate = parentFolder(of: candidate)
    }
    let standsAbove = relativePath(start, in: folder) != nil
    return standsAbove && folder != "/" && folder != home ? folder : start
  }

  private func projectRoot(of paths: [String]) throws(CommandError) -> String {
    let start = paths.allSatisfy { relativePath($0, in: folder) != nil } ? folder : nil
    if let start { return try rootFolder(around: start) }
    let first = paths.first ?? folder
    let isFolder = FileKind(of: first) == .folder
    return try rootFolder(around: isFolder ? first : parentFolder(of: first))
  }

  /// Splits `tests/test_a.py::TestB::test_c` into the path and the node in it.
  static func splitNode(_ target: String) -> (path: String, node: Substring) {
    guard let colons = target.range(of: "::") else { return (target, "") }
    return (String(target[..<colons.lowerBound]), target[colons.lowerBound...])
  }
}
