import Foundation
import Testing

/// The rules of ARCHITECTURE.md that the compiler does not enforce.
@Suite("Architecture")
struct ArchitectureTests {
  /// The project's own targets that each target may import; one that is not named here is an error.
  static let arrows: [String: Set<String>] = [
    "HealingModel": [],
    "Patching": ["HealingModel"],
    "Diagnosis": ["HealingModel"],
    "Prompting": ["HealingModel", "Diagnosis", "Patching"],
    "Search": ["HealingModel"],
    "Scheduling": ["HealingModel"],
    "Healing": [
      "HealingModel", "Patching", "Diagnosis", "Prompting", "Scheduling", "Search",
    ],
    "ModelProtocol": [],
    "LanguageModels": ["HealingModel", "ModelProtocol"],
    "Processes": ["Healing", "HealingModel", "CProcess"],
    "PythonAgent": ["Healing", "HealingModel", "Patching", "Prompting", "Search"],
    "SessionStore": ["Healing", "HealingModel"],
    "embed-files": [],
    "heal": [
      "Diagnosis", "Healing", "HealingModel", "ModelProtocol", "Patching", "Processes",
      "Prompting", "PythonAgent", "Scheduling", "SessionStore",
    ],
    "heal-model": ["LanguageModels", "ModelProtocol"],
  ]

  /// The only targets that may import a package or a system library.
  static let packages: [String: Set<String>] = [
    "GRDB": ["SessionStore"],
    "ArgumentParser": ["heal"],
    "AsyncHTTPClient": ["LanguageModels"],
    "NIOCore": ["LanguageModels"],
    "NIOHTTP1": ["LanguageModels"],
    "NIOPosix": ["LanguageModels"],
    "Foundation": [
      "LanguageModels", "ModelProtocol", "Processes", "PythonAgent", "SessionStore", "heal",
      "heal-model", "embed-files",
    ],
    "Dispatch": ["Processes", "SessionStore", "heal"],
    "Glibc": ["Processes", "SessionStore", "heal"],
    "Darwin": ["Processes", "SessionStore", "heal"],
    "Synchronization": [
      "Healing", "LanguageModels", "Processes", "PythonAgent", "SessionStore", "heal", "heal-model",
    ],
  ]

  /// Targets in C, which import nothing of ours.
  static let languageC: Set<String> = ["CProcess", "heal-launcher"]

  @Test("nothing is ever called proved: evidence is tested, explored or exhausted")
  func words() throws {
    let sources = try FileManager.default.subpathsOfDirectory(atPath: projectFolder + "/Sources")
    for path in sources where path.hasSuffix(".swift") || path.hasSuffix(".py") {
      let text = try String(contentsOfFile: "\(projectFolder)/Sources/\(path)", encoding: .utf8)
      #expect(text.firstMatch(of: /\b[Pp]rove[ds]?\b/) == nil, "\(path)")
    }
  }

  @Test("imports follow the arrows")
  func imports() throws {
    let targets = try FileManager.default.contentsOfDirectory(atPath: projectFolder + "/Sources")
    for target in targets where !Self.languageC.contains(target) && !target.hasPrefix(".") {
      let allowed = try #require(Self.arrows[target], "\(target) is not in the test of the arrows")
      for file in try swiftFiles(under: "Sources/\(target)") {
        for module in imports(of: file.text) where !allowed.contains(module) {
          let isOurs = Self.arrows[module] != nil || Self.languageC.contains(module)
          let isAllowed = !isOurs && Self.packages[module]?.contains(target) == true
          #expect(isAllowed, "\(file.path) imports \(module)")
        }
      }
    }
  }

  @Test("the check of imports finds one that must not be")
  func importsAreFound() {
    let text =
      "import A\npublic import B\n  @preconcurrency import struct C.D\n// import E\nimportant()\n"
    #expect(imports(of: text) == ["A", "B", "C"])
  }

  @Test("nothing traps on purpose, and what escapes the compiler says why")
  func escapes() throws {
    let tree = try swiftFiles(under: "Sources")
    for file in tree {
      let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false)
      for (index, line) in lines.enumerated() where isCode(line) {
        let place = "\(file.path):\(index + 1)"
        #expect(!line.contains("try!"), "\(place)")
        #expect(!line.contains("fatalError("), "\(place)")
        #expect(!line.contains("Task.detached"), "\(place)")
        let escapes = ["@unchecked Sendable", "nonisolated(unsafe)", "unsafeBitCast"]
        guard escapes.contains(where: { line.contains($0) }) else { continue }
        let above = index > 0 ? lines[index - 1] : ""
        let explained = !isCode(above) || line.contains("//")
        #expect(explained, "\(place) needs a comment that says why it is safe")
      }
    }
    #expect(tree.count > 20)
  }

  @Test("only the adapter knows words of the language, but for the rules' own messages")
  func language() throws {
    let pure = [
      "HealingModel", "Patching", "Diagnosis", "Prompting", "Scheduling", "Search", "Healing",
      "Processes",
    ]
    for target in pure
    where FileManager.default.fileExists(atPath: "\(projectFolder)/Sources/\(target)") {
      for file in try swiftFiles(under: "Sources/\(target)") {
        for (index, raw) in file.text.split(separator: "\n").enumerated() where isCode(raw) {
          // The names of caches are no knowledge of what is in them.
          let line = raw.replacing(".pytest_cache", with: "")
          for word in ["pytest", "unittest", "__init__", "NameError", "TypeError", "sys.path"] {
            #expect(!line.contains(word), "\(file.path):\(index + 1) knows `\(word)`")
          }
        }
      }
    }
  }

  @Test("files and functions stay small")
  func sizes() throws {
    for file in try swiftFiles(under: "Sources") + swiftFiles(under: "Tests") {
      let count = file.text.split(separator: "\n", omittingEmptySubsequences: false).count
      #expect(count <= 420, "\(file.path) has \(count) lines")
    }
  }

  @Test("no file names a place on somebody's machine")
  func machinePaths() throws {
    // Put together here, so that this file passes its own test.
    let roots = ["root", "work", "Users", "home/" + "user"].map { "/" + $0 + "/" }
    for file in try projectFiles() {
      for root in roots {
        #expect(!file.text.contains(root), "\(file.path) holds \(root)")
      }
    }
  }

  @Test("every skip that is allowed has a reason")
  func skips() throws {
    let text = try String(contentsOfFile: projectFolder + "/Tests/skips.txt", encoding: .utf8)
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let parts = line.split(separator: "|", maxSplits: 1)
      #expect(parts.count == 2 && parts[1].contains { !$0.isWhitespace }, "\(line)")
    }
  }

  // MARK: Reading

  private struct File {
    var path: String
    var text: String
  }

  private func swiftFiles(under folder: String) throws -> [File] {
    try files(under: folder) { $0.hasSuffix(".swift") }
  }

  private func projectFiles() throws -> [File] {
    let folders = ["Sources", "Tests", "Plugins", "scripts", "schema", ".ci"]
    let single = [
      "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "ARCHITECTURE.md", "Package.swift", "heal",
      "test",
    ]
    let endings = ["swift", "py", "md", "json", "txt", "sh", "c", "h"]
    return try folders.flatMap { folder in
      try files(under: folder) { path in
        !path.contains("__pycache__")
          && (endings.contains { path.hasSuffix("." + $0) } || !path.contains("."))
      }
    }
      + single.compactMap { name in
        (try? String(contentsOfFile: "\(projectFolder)/\(name)", encoding: .utf8)).map {
          File(path: name, text: $0)
        }
      }
  }

  private func files(under folder: String, where wanted: (String) -> Bool) throws -> [File] {
    let root = projectFolder + "/" + folder
    guard let walk = FileManager.default.enumerator(atPath: root) else { return [] }
    return try walk.compactMap { $0 as? String }.filter(wanted).sorted().compactMap { path in
      var isFolder: ObjCBool = false
      let whole = root + "/" + path
      guard FileManager.default.fileExists(atPath: whole, isDirectory: &isFolder),
        !isFolder.boolValue
      else { return nil }
      return File(
        path: folder + "/" + path,
        text: try String(contentsOfFile: whole, encoding: .utf8)
      )
    }
  }

  private func imports(of text: String) -> [String] {
    let modifiers: Set<String> = ["public", "internal", "package", "private", "fileprivate"]
    let kinds: Set<String> = [
      "struct", "class", "enum", "protocol", "func", "var", "let", "typealias",
    ]
    return withoutLongStrings(text).compactMap { line in
      let words = line.split(separator: " ").map(String.init)
      let rest = words.drop { modifiers.contains($0) || $0.hasPrefix("@") }
      guard rest.first == "import", rest.count > 1 else { return nil }
      let name = rest.dropFirst().first { !kinds.contains($0) } ?? ""
      return name.split(separator: ".").first.map(String.init)
    }
  }

  /// The lines outside of multi-line string literals, which may hold programs with their own imports.
  private func withoutLongStrings(_ text: String) -> [Substring] {
    var closing: String?
    return text.split(separator: "\n").filter { line in
      if let end = closing {
        if line.contains(end) { closing = nil }
        return false
      }
      if line.contains("#\"\"\"") {
        closing = "\"\"\"#"
      } else if line.components(separatedBy: "\"\"\"").count == 2 {
        closing = "\"\"\""
      }
      return true
    }
  }

  private func isCode(_ line: some StringProtocol) -> Bool {
    !line.drop(while: \.isWhitespace).hasPrefix("//")
  }
}
