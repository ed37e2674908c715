import Foundation
import HealingModel

/// The examples of a folder: each `NAME.in` with its `NAME.out`, sorted by name.
///
/// - Parameter folder: The folder's path.
/// - Returns: The examples; at least one.
/// - Throws: `CommandError.usage` when there is none or a partner is missing.
func exampleCases(in folder: String) throws(CommandError) -> [ExampleCase] {
  guard FileKind(of: folder) == .folder else { throw .usage("--cases \(folder) is not a folder") }
  guard let entries = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
    throw .usage("--cases \(folder) cannot be read: permission denied")
  }
  let inputs = names(in: entries, endingWith: ".in")
  let outputs = names(in: entries, endingWith: ".out")
  if let lone = inputs.subtracting(outputs).min() {
    throw .usage("--cases \(folder): \(lone).in has no partner \(lone).out")
  }
  if let lone = outputs.subtracting(inputs).min() {
    throw .usage("--cases \(folder): \(lone).out has no partner \(lone).in")
  }
  guard !inputs.isEmpty else {
    throw .usage("--cases \(folder) holds no pair of NAME.in and NAME.out")
  }
  var cases: [ExampleCase] = []
  for name in inputs.sorted() {
    let expected = try readFile("\(folder)/\(name).out", atMost: RecordedInput.limit)
    cases.append(
      ExampleCase(
        name: name,
        input: try readFile("\(folder)/\(name).in", atMost: RecordedInput.limit),
        expected: try expectedText(expected, from: "\(folder)/\(name).out")
      )
    )
  }
  return cases
}

/// The text of an expected output.
///
/// - Parameters:
///   - bytes: What the file holds.
///   - source: Its name for the error.
/// - Returns: The text.
/// - Throws: `CommandError.usage` when it is not UTF-8.
func expectedText(_ bytes: [UInt8], from source: String) throws(CommandError) -> String {
  guard let text = String(validating: bytes, as: UTF8.self) else {
    throw .usage("\(source) is not UTF-8 text; expected output must be")
  }
  return text
}

private func names(in entries: [String], endingWith suffix: String) -> Set<String> {
  Set(entries.filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.count)) })
}
