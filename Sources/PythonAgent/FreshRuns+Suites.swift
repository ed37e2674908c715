import Foundation
import Healing
import HealingModel

/// Suites in fresh interpreters; ids are relative to the program's root, whatever folder the
/// framework takes for its own.
extension FreshRuns {
  /// The name of the report: no program can hold it, since it is made of the program.
  private func reportName(_ overlay: [String: [UInt8]], _ hashSeed: Int) -> String {
    let files = overlay.sorted { $0.key < $1.key }.map { "\($0.key) \(sha256($0.value))" }
    return ".heal-report-\(sha256("\(hashSeed) \(program.root) \(files)".utf8).prefix(16)).xml"
  }

  func pytest(
    overlay: [String: [UInt8]],
    hashSeed: Int,
    reader: ReportReader
  ) async throws -> Judgement {
    let (targets, arguments) = try suite()
    let prefix = program.workingFolder.isEmpty ? "" : program.workingFolder + "/"
    let name = reportName(overlay, hashSeed)
    let report = prefix + name
    let argv =
      [interpreter.path, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
      + ["--continue-on-collection-errors", "-o", "junit_family=xunit1"]
      + ["--junitxml=\(name)"] + arguments
      // A run that stops at the first failure says nothing of the tests behind it.
      + ["--maxfail=0"]
      + (targets + (guardsWholeRoot ? ["."] : [])).map(program.argument)
    let result = try await run(argv, overlay: overlay, hashSeed: hashSeed, collect: [report])
    // Any other status says that pytest did not come to its end, whatever the report says.
    guard let bytes = result.collected[report], [.code(0), .code(1)].contains(result.exit) else {
      return Judgement(tests: [], observation: observation(of: result))
    }
    let reported = try await reader(String(decoding: bytes, as: UTF8.self))
    let base = reportBase(of: reported, targets: targets)
    return Judgement(
      tests: reported.map { test in
        let id = test.id(below: base)
        return TestResult(
          id: id,
          outcome: test.outcome,
          target: !guardsWholeRoot || isTarget(id, among: targets),
          seconds: test.seconds
        )
      }.sorted { $0.id < $1.id },
      observation: observation(of: result)
    )
  }

  /// unittest file by file, with the search path that collecting such a file asks for: unittest
  /// itself finds tests below one folder only.
  func unittest(overlay: [String: [UInt8]], hashSeed: Int) async throws -> Judgement {
    let (targets, _) = try suite()
    var tests: [TestResult] = []
    var shown: Observation?
    for file in testFiles where guardsWholeRoot || isTarget(file, among: targets) {
      let module = UnittestModule(file: file, root: program.root)
      let result = try await run(
        [interpreter.path, "-m", "unittest", "discover", "-v"]
          + ["-s", program.argument(module.folder), "-t", program.argument(module.top)]
          + ["-p", module.fileName],
        overlay: overlay,
        hashSeed: hashSeed
      )
      let found = unittestResults(in: result.stderr.head + result.stderr.tail, of: module)
      tests += found.map { test in
        var test = test
        test.target = isTarget(test.id, among: targets)
        return test
      }
      let failed = found.contains { [.failed, .error].contains($0.outcome) }
      if shown == nil || failed && shown?.exit == .code(0) { shown = observation(of: result) }
    }
    return Judgement(
      tests: tests.sorted { $0.id < $1.id },
      observation: shown ?? Observation(exit: .code(0))
    )
  }

  /// What decides, relative to the root: what the user named, else all below the working folder.
  private func suite() throws -> (targets: [String], arguments: [String]) {
    guard case .suite(let targets, let arguments) = program.entry else {
      throw AdapterError.usage(message: "a suite needs tests")
    }
    let folder = program.workingFolder.isEmpty ? "." : program.workingFolder
    return (targets.isEmpty ? [folder] : targets, arguments)
  }

  /// Whether a test, or a file of tests, belongs to what the user asked for.
  private func isTarget(_ id: String, among targets: [String]) -> Bool {
    guard id.contains(".py") else { return true }
    return targets.contains { target in
      let path = target.dropPrefix("./")
      return path == "." || id == path || path.hasPrefix(id + "::")
        || ["/", "::", "["].contains { id.hasPrefix(path + $0) }
    }
  }

  /// The folder that the paths of a report are relative to, itself relative to the root.
  ///
  /// pytest takes a configured folder, or one above all its arguments; the report does not name it.
  /// It is the one below which all reported files are, and most of them what was asked for; of
  /// several the innermost.
  private func reportBase(of tests: [ReportedTest], targets: [String]) -> String {
    let files = Set(tests.map(\.file)).filter { !$0.isEmpty && !$0.hasPrefix("/") }
    var places = targets + [program.workingFolder]
    if guardsWholeRoot { places.append("") }
    var bases: Set<String> = [""]
    for place in places {
      var parts = place.prefix { $0 != ":" }.split(separator: "/").filter { $0 != "." }
      while !parts.isEmpty {
        bases.insert(parts.joined(separator: "/"))
        parts.removeLast()
      }
    }
    let fitting = bases.filter { base in
      files.allSatisfy {
        FileManager.default.fileExists(atPath: "\(program.root)/\(joined(base, $0))")
      }
    }
    func asked(_ base: String) -> Int {
      files.count { isTarget(joined(base, $0), among: targets) }
    }
    return fitting.max { lhs, rhs in
      (asked(lhs), lhs.count, lhs) < (asked(rhs), rhs.count, rhs)
    } ?? ""
  }
}

/// A path below a folder, both relative to one root, without steps upwards.
private func joined(_ base: String, _ path: String) -> String {
  var parts: [Substring] = []
  for part in base.split(separator: "/") + path.split(separator: "/") where part != "." {
    if part == "..", !parts.isEmpty { parts.removeLast() } else { parts.append(part) }
  }
  return parts.joined(separator: "/")
}

/// One test case of a JUnit report.
struct ReportedTest: Codable, Hashable {
  var file: String
  var classname: String
  var name: String
  var outcome: TestOutcome
  var seconds: Double

  /// Its id relative to the root: the file, the classes in it, and the test.
  ///
  /// - Parameter base: The folder that the report's paths are relative to.
  /// - Returns: An id such as `tests/test_a.py::TestB::test_c`; what could not be collected has its
  ///   file's path.
  func id(below base: String) -> String {
    guard !file.isEmpty else { return name.isEmpty ? classname : name }
    let path = joined(base, file)
    let module = file.dropLast(file.hasSuffix(".py") ? 3 : 0).replacing("/", with: ".")
    guard !classname.isEmpty else { return path }
    let classes = classname.dropPrefix(String(module)).split(separator: ".")
    return ([Substring(path)] + classes + [Substring(name)]).joined(separator: "::")
  }
}

/// A file of tests as unittest imports it: below the innermost folder that is no package.
struct UnittestModule {
  /// The file, relative to the root.
  let file: String
  /// The folder that goes to the front of the search path, relative to the root.
  let top: String
  /// The dotted name below `top`.
  let name: String

  init(file: String, root: String) {
    self.file = file
    var folders = file.split(separator: "/").map(String.init)
    var parts = [String(folders.removeLast().dropLast(3))]
    while let package = folders.last,
      FileManager.default.fileExists(
        atPath: ([root] + folders + ["__init__.py"]).joined(separator: "/")
      )
    {
      parts.insert(package, at: 0)
      folders.removeLast()
    }
    top = folders.isEmpty ? "." : folders.joined(separator: "/")
    name = parts.joined(separator: ".")
  }

  /// The folder in which the file lies, relative to the root.
  var folder: String { file.contains("/") ? parentFolder(file) : "." }

  /// The last part of its path.
  var fileName: String { String(file.split(separator: "/").last ?? "") }

  private func parentFolder(_ path: String) -> String {
    path.split(separator: "/").dropLast().joined(separator: "/")
  }
}

/// unittest prints a line for each test, `name (place)`; the last word of its part is the outcome.
func unittestResults(in text: String, of module: UnittestModule) -> [TestResult] {
  var results: [TestResult] = []
  var id: String?
  for line in text.split(separator: "\n") {
    if let match = line.prefixMatch(of: /(\w+) \(([\w.]+)\)/) {
      let (method, place) = (String(match.1), String(match.2))
      // Since 3.11 the place ends with the method.
      let owner = place.hasSuffix("." + method) ? String(place.dropLast(method.count + 1)) : place
      let classes = owner.dropPrefix(module.name + ".").split(separator: ".").map(String.init)
      id =
        owner.hasPrefix("unittest.loader.")
        ? module.file : ([module.file] + classes + [method]).joined(separator: "::")
    }
    guard let test = id, let word = line.split(separator: " ... ").last,
      let outcome = unittestOutcome(String(word))
    else { continue }
    results.append(TestResult(id: test, outcome: outcome))
    id = nil
  }
  return results
}

private func unittestOutcome(_ word: String) -> TestOutcome? {
  switch word {
  case "ok": .passed
  case "FAIL": .failed
  case "ERROR": .error
  case "expected failure": .xfailed
  case "unexpected success": .xpassed
  default: word.hasPrefix("skipped") ? .skipped : nil
  }
}
