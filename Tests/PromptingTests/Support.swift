import Foundation
import HealingModel
import Patching
import Prompting
import Testing

extension SourceLanguage {
  /// A language of blocks by indentation, as Python is.
  static let test = SourceLanguage(
    name: "Python",
    tags: ["python", "py"],
    endings: ["py"],
    functionWords: ["def"],
    typeWords: ["class"],
    modifiers: ["async"],
    importWords: ["import", "from"],
    decorator: "@",
    comment: "#",
    longQuotes: ["\"\"\"", "'''"]
  )
}

/// A program with a type, functions and statements of its own.
let bank = """
  import threading


  class Account:
      \"\"\"Holds money.\"\"\"

      def __init__(self, owner, balance):
          self.owner = owner
          self.balance = balance

      @property
      def empty(self):
          return self.balance == 0

      def withdraw(self, amount):
          if self.balance > amount:
              self.balance -= amount
              return True
          return False


  def total(accounts):
      result = 0
      for account in accounts:
          result -= account.balance
      return result


  def main():
      accounts = [Account("Ann", 10), Account("Bob", 20)]
      accounts[0].withdraw(10)
      print(total(accounts))


  main()

  """

/// The bank with a text replaced.
func mended(_ old: String, _ new: String, in text: String = bank) -> String {
  text.replacingOccurrences(of: old, with: new)
}

func context(
  _ form: AnswerForm = .functions,
  sources: Sources = Sources(["bank.py": bank]),
  seen: Set<String> = [],
  isTruncated: Bool = false,
  limit: Int = 100_000
) -> AnswerContext {
  AnswerContext(
    sources: sources,
    protected: ["tests/test_bank.py", "conftest.py"],
    language: .test,
    form: form,
    seen: seen,
    isTruncated: isTruncated,
    limit: limit
  )
}

/// The text that an answer makes of the bank, or why it is refused.
func outcome(_ answer: String, _ context: AnswerContext = context()) throws -> String {
  do {
    let answer = try parseAnswer(answer, in: context)
    #expect(try answer.patch.applied(to: context.sources) == answer.sources)
    return answer.sources["bank.py"] ?? ""
  } catch let refusal as AnswerRefusal {
    return "REFUSED: \(refusal)"
  }
}

/// Compares a text with the snapshot of that name; `HEAL_UPDATE_SNAPSHOTS=1` writes it anew.
func expectSnapshot(_ text: String, _ name: String, file: String = #filePath) throws {
  let folder = URL(fileURLWithPath: file).deletingLastPathComponent().path + "/Snapshots"
  let path = "\(folder)/\(name).txt"
  if ProcessInfo.processInfo.environment["HEAL_UPDATE_SNAPSHOTS"] != nil {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try text.write(toFile: path, atomically: true, encoding: .utf8)
  }
  let known = try String(contentsOfFile: path, encoding: .utf8)
  #expect(text == known, "\(name) differs from its snapshot")
}
