import HealingModel
import Patching
import Prompting
import Testing

/// Answers at random: none may trap, and what is applied is what its edits say.
@Suite("Answers at random")
struct AnswerFuzzTests {
  private static let seeds: [String] = [
    "```python\n\(mended("> amount", ">= amount"))```\n",
    "```python\nclass Account:\n    def withdraw(self, amount):\n        return True\n```",
    "bank.py\n<<<<<<< SEARCH\n        result -= account.balance\n=======\n        result += 1\n>>>>>>> REPLACE\n",
    "--- a/bank.py\n+++ b/bank.py\n@@ -1,2 +1,3 @@\n import threading\n+import os\n \n",
    #"{"edits": [{"path": "bank.py", "search": "def total", "replace": "def sum\u0041l\n"}]}"#,
    #"{"functions": [{"path": "bank.py", "name": "total", "code": "def total(a):\n  return [{}]"}]}"#,
    "Line 16: `if self.balance >= amount:`\n17| x = 1\n",
    "~~~\n'''\n```\n\"\"\" ``` ```\n@x\ndef f(\nclass\n~~~~\n>>>>>>> <<<<<<<\n@@ -9999999999 @@\n...\n",
  ]

  private func check(_ answer: String, _ context: AnswerContext) {
    do {
      let result = try parseAnswer(answer, in: context)
      #expect((try? result.patch.applied(to: context.sources)) == result.sources)
      #expect(result.sources.changes(since: context.sources).paths == result.patch.paths)
    } catch {
      #expect(!error.description.isEmpty)
    }
  }

  @Test("random bytes", arguments: 0..<60 as Range<UInt64>)
  func bytes(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let bytes = (0..<Int.random(in: 0..<300, using: &random)).map { _ in
      UInt8.random(in: .min ... .max, using: &random)
    }
    let alphabet = Array("`~ \n\t#'\"{}[]:,.@=<>+-|\\/0129defclasbnk".utf8)
    let marks = bytes.map { alphabet[Int($0) % alphabet.count] }
    check(String(decoding: bytes, as: UTF8.self), context())
    check(String(decoding: marks, as: UTF8.self), context(isTruncated: seed % 2 == 0))
  }

  @Test("good answers that were cut off or garbled", arguments: 0..<60 as Range<UInt64>)
  func mutations(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var bytes = Array(Self.seeds[Int(seed) % Self.seeds.count].utf8)
    let form = AnswerForm.allCases[Int(seed) % 3]
    let cut = bytes.prefix(Int.random(in: 0...bytes.count, using: &random))
    check(String(decoding: cut, as: UTF8.self), context(form, isTruncated: seed % 2 == 0))
    for _ in 0..<4 {
      let first = Int.random(in: 0..<bytes.count, using: &random)
      let last = min(bytes.count, first + Int.random(in: 0..<20, using: &random))
      switch Int.random(in: 0..<4, using: &random) {
      case 0: bytes.removeSubrange(first..<last)
      case 1: bytes.insert(contentsOf: bytes[first..<last], at: bytes.count / 2)
      case 2: bytes[first] = UInt8.random(in: 0...255, using: &random)
      default: bytes.insert(UInt8(ascii: "\n"), at: first)
      }
      if bytes.isEmpty { bytes = [0x60] }
      check(String(decoding: bytes, as: UTF8.self), context(form))
    }
  }

  @Test(
    "whatever changed comes out of a diff and of the whole file as it was",
    arguments: 0..<40 as Range<UInt64>
  )
  func changes(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var lines = bank.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    lines.removeLast()
    for number in 0..<Int.random(in: 1...4, using: &random) {
      let index = Int.random(in: 1..<lines.count - 1, using: &random)
      let isHeader = ["def", "class", "@"].contains { lines[index].contains($0) }
      let space = lines[index].prefix { $0 == " " }
      switch Int.random(in: 0..<3, using: &random) {
      case 0 where !isHeader && !lines[index].isEmpty: lines[index] = space + "changed = \(number)"
      case 1 where !isHeader: lines.remove(at: index)
      default: lines.insert(space + "added(\(number))", at: isHeader ? index + 1 : index)
      }
    }
    let after = lines.joined(separator: "\n") + "\n"
    guard after != bank else { return }
    let diff = unifiedDiff(from: Sources(["bank.py": bank]), to: Sources(["bank.py": after]))
    #expect(try outcome("Here:\n```diff\n\(diff)```\n") == after)
    #expect(try outcome(diff) == after)
    #expect(try outcome("```python\n\(after)```", context(.wholeFile)) == after)
    let windows = Sources(["bank.py": bank.replacing("\n", with: "\r\n")])
    #expect(try outcome(diff, context(sources: windows)) == after.replacing("\n", with: "\r\n"))
  }

  @Test(
    "answers to programs of any line ends",
    arguments: ["", "\r", "\r\n", "\n", "\n\n", "\u{2028}"]
  )
  func programs(end: String) {
    for text in ["", "x", "def a():", "def a():\n  '''", "\u{FEFF}é = 1\n", "a(\ndef b():\n"] {
      let sources = Sources(["bank.py": text.replacing("\n", with: end) + end])
      for answer in Self.seeds { check(answer, context(sources: sources)) }
    }
  }
}
