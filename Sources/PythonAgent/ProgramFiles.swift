import Foundation
import Healing
import HealingModel

/// The Python files of a program: which there are, which may be edited, which one uses which.
struct ProgramFiles: Sendable {
  /// The bytes of every source file that is used and can be decoded, by relative path.
  let bytes: [String: [UInt8]]
  /// The decoded text of the same files.
  let texts: [String: String]
  /// Whether a repair may change a file.
  let isEditable: @Sendable (String) -> Bool
  /// Whether there are test files beside those that the user named.
  let hasOtherTests: Bool
  /// The files in which unittest finds tests, of the whole program.
  let tests: [String]
  /// Files that are used and are no text in the encoding that they declare.
  let undecodable: [String]
  /// Files that are used and are too large to be looked into.
  let tooLarge: [String]

  /// The largest file, and the most text in all, that is diagnosed and repaired, in bytes: it has
  /// to pass to the agent and back in one frame, and to be parsed within seconds.
  static let fileLimit = 1_000_000
  private static let wholeLimit = 4_000_000

  /// The files that a repair may change.
  var editable: Sources { Sources(texts.filter { isEditable($0.key) }) }

  /// The files that no repair may change.
  var deciding: Sources { Sources(texts.filter { !isEditable($0.key) }) }

  /// Reads the files that the program's entry reaches by its imports.
  init(of program: Program) throws(AdapterError) {
    let listed = try list(root: program.root)
    var protection = Protection(program: program, listed: listed)
    var bytes: [String: [UInt8]] = [:]
    var texts: [String: String] = [:]
    var undecodable: [String] = []
    var tooLarge: [String] = []
    var whole = 0
    var queue = entries(of: program, among: listed)
    var seen = Set(queue)
    let modules = ModuleIndex(paths: listed)
    while let path = queue.popLast() {
      guard let data = FileManager.default.contents(atPath: program.root + "/" + path) else {
        continue
      }
      guard data.count <= Self.fileLimit, whole + data.count <= Self.wholeLimit else {
        tooLarge.append(path)
        continue
      }
      guard let text = SourceCoding.decode(Array(data)) else {
        undecodable.append(path)
        continue
      }
      whole += data.count
      bytes[path] = Array(data)
      texts[path] = text
      for module in importedModules(in: text) {
        queue += modules.files(for: module, from: path).filter { seen.insert($0).inserted }
      }
    }
    let data = testData(texts, protection)
    if !data.isEmpty { protection = Protection(program: program, data: data, listed: listed) }
    self.bytes = bytes
    self.texts = texts
    self.undecodable = undecodable
    self.tooLarge = tooLarge
    let final = protection
    self.isEditable = { !final.covers($0) }
    self.tests = listed.filter(isUnittestFile)
    self.hasOtherTests = listed.contains { final.isOtherTest($0) }
  }
}

extension ProgramFiles {
  /// What speaks against changing these files, whatever the change is.
  ///
  /// - Parameter changed: The files that a repair changes.
  /// - Returns: A refusal for each that decides about the repair, or that was not there before.
  func refusals(of changed: Sources) -> [Refusal] {
    changed.paths.compactMap { path in
      if texts[path] == nil {
        Refusal(rule: "created file", message: "\(path) is no file of the program")
      } else if !isEditable(path) {
        Refusal(rule: "protected file", message: "\(path) decides about the repair")
      } else {
        nil
      }
    }
  }
}

/// Modules that hold values alone, and that nothing but tests imports: what tests compare with.
private func testData(_ texts: [String: String], _ protection: Protection) -> Set<String> {
  let modules = ModuleIndex(paths: Array(texts.keys))
  var users: [String: Set<String>] = [:]
  for (path, text) in texts {
    for module in importedModules(in: text) {
      for used in modules.files(for: module, from: path) { users[used, default: []].insert(path) }
    }
  }
  return Set(
    users.filter { path, users in
      users.allSatisfy(protection.covers) && !protection.covers(path)
        && !path.hasSuffix("__init__.py") && holdsValuesAlone(texts[path] ?? "")
    }.keys
  )
}

/// Whether a module defines nothing that computes.
private func holdsValuesAlone(_ text: String) -> Bool {
  let lines = text.split(whereSeparator: \.isNewline).map { $0.drop { $0 == " " || $0 == "\t" } }
  let computing = [
    "def ", "class ", "async ", "for ", "while ", "if ", "with ", "try:", "import ", "from ",
  ]
  return lines.contains { $0.contains("=") }
    && !lines.contains { line in computing.contains { line.hasPrefix($0) } }
    && !text.contains("lambda")
}

/// Folders that hold no part of the program.
private let leftOut: Set<String> = [
  ".git", ".hg", ".svn", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".tox",
  ".nox", "node_modules", ".eggs", "build", "dist",
]

/// Whether a folder holds no part of the program it lies in.
func isNoPart(_ url: URL) -> Bool {
  leftOut.contains(url.lastPathComponent)
    || FileManager.default.fileExists(atPath: url.path + "/pyvenv.cfg")
}

/// Whether the standard library's unittest, or the agent in its place, looks for tests in a file.
private func isUnittestFile(_ path: String) -> Bool {
  guard let name = path.split(separator: "/").last else { return false }
  return matches(String(name), glob: "test*.py") || matches(String(name), glob: "*_test.py")
}

private func list(root: String) throws(AdapterError) -> [String] {
  let keys: [URLResourceKey] = [.isDirectoryKey, .isSymbolicLinkKey]
  guard
    let walker = FileManager.default.enumerator(
      at: URL(fileURLWithPath: root),
      includingPropertiesForKeys: keys
    )
  else {
    throw .environment(message: "the folder \(root) cannot be read", remedy: "check its rights")
  }
  var paths: [String] = []
  let prefix = root.hasSuffix("/") ? root : root + "/"
  for case let url as URL in walker {
    if isNoPart(url) {
      walker.skipDescendants()
    } else if url.lastPathComponent.hasSuffix(".py"), !isFolder(url.path) {
      paths.append(url.path.dropPrefix(prefix))
    }
    if paths.count > 20_000 { break }
  }
  return paths.sorted()
}

private func entries(of program: Program, among listed: [String]) -> [String] {
  switch program.entry {
  case .script(let path, _):
    path.hasSuffix(".py") || !isFolder(program.root + "/" + path)
      ? [path] : listed.filter { path.isEmpty || $0.hasPrefix(path + "/") }
  case .suite(let targets, _):
    listed.filter { path in
      targets.isEmpty
        || targets.contains { target in
          let file = target.split(separator: ":", maxSplits: 1).first.map(String.init) ?? target
          return file == "." || file.isEmpty || path == file || path.hasPrefix(file + "/")
        }
        || path.split(separator: "/").last == "conftest.py"
    }
  case .command: listed
  }
}

/// The names of modules that a text imports, relative ones with their leading dots.
///
/// Lines are told apart by their bytes first: most lines of most programs import nothing, and a
/// large file must not keep the tool from its work.
func importedModules(in text: String) -> [String] {
  var names: [String] = []
  for line in text.utf8.split(whereSeparator: { $0 == 10 || $0 == 13 }) {
    let code = line.drop { $0 == 32 || $0 == 9 }
    if code.starts(with: "import ".utf8) {
      names += moduleList(code.dropFirst(7))
    } else if code.starts(with: "from ".utf8) {
      let words = code.dropFirst(5).split(separator: 32, maxSplits: 2)
      guard words.count == 3, words[1].elementsEqual("import".utf8) else { continue }
      let module = String(decoding: words[0], as: UTF8.self)
      let prefix = module.hasSuffix(".") ? module : module + "."
      names.append(module)
      names += moduleList(words[2]).map { prefix + $0 }
    }
  }
  return names
}

/// The names in `a, b as c, (d`.
private func moduleList(_ text: Substring.UTF8View.SubSequence) -> [String] {
  text.split(separator: UInt8(ascii: ",")).compactMap { item in
    let isNoName: (UInt8) -> Bool = { " \t()\\#".utf8.contains($0) }
    let name = item.drop(while: isNoName).prefix { !isNoName($0) }
    return name.isEmpty ? nil : String(decoding: name, as: UTF8.self)
  }
}

/// Which file a module's name stands for.
private struct ModuleIndex {
  private let files: [String: [String]]

  init(paths: [String]) {
    files = Dictionary(grouping: paths) { path in
      let parts = path.dropLast(3).split(separator: "/").map(String.init)
      return (parts.last == "__init__" ? Array(parts.dropLast()) : parts).last ?? ""
    }
  }

  /// The files whose path ends with the module's, wherever the search path begins.
  func files(for module: String, from path: String) -> [String] {
    let parts = module.split(separator: ".").map(String.init)
    guard let last = parts.last else { return [] }
    let direct = (files[last] ?? []).filter { isFile($0, module: parts) }
    let packages = parts.indices.dropLast().flatMap { end in
      (files[parts[end]] ?? []).filter {
        $0.hasSuffix("/__init__.py") && isFile($0, module: Array(parts[...end]))
      }
    }
    return direct + packages
  }

  private func isFile(_ path: String, module: [String]) -> Bool {
    let stem = path.dropLast(3).split(separator: "/").map(String.init)
    let parts = stem.last == "__init__" ? Array(stem.dropLast()) : stem
    return parts.suffix(module.count) == module[...]
  }
}

/// The files that no repair may change: what decides about the repair, and what starts Python.
struct Protection: Sendable {
  private let script: String?
  private let targets: [String]
  private let patterns: [String]

  /// - Parameters:
  ///   - program: The program.
  ///   - data: Modules that hold only what tests compare with.
  ///   - listed: The program's Python files.
  init(program: Program, data: Set<String> = [], listed: [String] = []) {
    patterns = testFilePatterns(root: program.root)
    switch program.entry {
    case .script(let path, _):
      (script, targets) = (path, [])
    case .suite(let targets, _):
      script = nil
      self.targets =
        targets.map { $0.split(separator: ":", maxSplits: 1).first.map(String.init) ?? $0 }
        + data
    case .command(let line):
      script = nil
      // What the command names is what decides, unless there is nothing else to mend.
      let named = listed.filter { path in
        line.split { " \t'\"=;&|()<>".contains($0) }.contains { word in
          String(word).dropPrefix("./") == path
        }
      }
      targets = (named.count < listed.count ? named : []) + data
    }
  }

  func covers(_ path: String) -> Bool {
    if path == script { return false }
    let parts = path.split(separator: "/").map(String.init)
    guard let name = parts.last else { return true }
    return Self.starters.contains(name) || targets.contains(path)
      || parts.dropLast().contains { folder in Self.folders.contains(folder) }
      || patterns.contains(where: { matches(name, glob: $0) })
  }

  private static let folders: Set<String> = ["test", "tests", "__snapshots__"]

  /// Files that configure or start what runs a program.
  private static let starters: Set<String> = [
    "conftest.py", "setup.py", "noxfile.py", "sitecustomize.py", "usercustomize.py",
  ]
}

extension Protection {
  /// Whether a file holds tests that the user did not name.
  func isOtherTest(_ path: String) -> Bool {
    // Without a target every test is asked for, so that none is beside them.
    guard script == nil, !targets.isEmpty, let name = path.split(separator: "/").last
    else { return false }
    let named = targets.contains {
      path == $0 || $0 == "." || $0.isEmpty || path.hasPrefix($0 + "/")
    }
    return !named && patterns.contains { matches(String(name), glob: $0) }
  }
}

/// pytest's `python_files`, as the configuration at the root sets it.
private func testFilePatterns(root: String) -> [String] {
  for name in ["pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg"] {
    guard let text = try? String(contentsOfFile: root + "/" + name, encoding: .utf8) else {
      continue
    }
    for line in text.split(whereSeparator: \.isNewline) {
      guard let match = line.prefixMatch(of: /[ \t]*python_files[ \t]*=[ \t]*(.*)/) else {
        continue
      }
      let separators = CharacterSet(charactersIn: " \t,[]\"'")
      let patterns = match.1.components(separatedBy: separators).filter { !$0.isEmpty }
      if !patterns.isEmpty { return patterns }
    }
  }
  return ["test_*.py", "*_test.py"]
}

private func matches(_ name: String, glob: String) -> Bool {
  fnmatch(glob, name, 0) == 0
}
