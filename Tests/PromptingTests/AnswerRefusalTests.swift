import HealingModel
import Prompting
import Testing

@Suite("Refused answers")
struct AnswerRefusalTests {
  private func refusal(_ answer: String, _ context: AnswerContext = context()) -> AnswerRefusal? {
    do {
      _ = try parseAnswer(answer, in: context)
      return nil
    } catch {
      #expect(!error.description.isEmpty)
      return error
    }
  }

  private func edit(_ old: String, _ new: String, path: String = "bank.py") -> String {
    "\(path)\n<<<<<<< SEARCH\n\(old)\n=======\n\(new)\n>>>>>>> REPLACE\n"
  }

  @Test(
    "nothing to use",
    arguments: [
      ("", AnswerRefusal.noCode),
      ("The bug is in line 16: compare with >=.", .noCode),
      ("```bash\nrm -rf /\n```", .noCode),
      ("Line 16: the comparison should be >=.", .noCode),
      ("Run this:\n$ pip install bank", .noCode),
      ("I'm sorry, but I can't help with that.", .declined),
      ("```python\n\(bank)```", .nothingChanged),
      ("```\n\n```", .noCode),
    ]
  )
  func nothing(answer: String, expected: AnswerRefusal) {
    #expect(refusal(answer) == expected)
  }

  @Test("a text that is not there, with the nearest line")
  func noSuchText() {
    #expect(
      refusal(edit("        if self.balance > amounts:", "        pass"))
        == .noSuchText(path: "bank.py", text: "if self.balance > amounts:", nearest: 16)
    )
    #expect(
      refusal("--- bank.py\n+++ bank.py\n@@ -1 +1 @@\n-zzz = 1\n+zzz = 2\n")
        == .noSuchText(path: "bank.py", text: "zzz = 1", nearest: nil)
    )
  }

  @Test("a text that is there several times, with its lines")
  func ambiguous() {
    let sources = Sources(["bank.py": "a = 1\nb = 2\na = 1\n"])
    #expect(
      refusal(edit("a = 1", "a = 2"), context(sources: sources))
        == .ambiguous(path: "bank.py", text: "a = 1", lines: [1, 3])
    )
    let json =
      #"{"edits": [{"path": "bank.py", "search": "a = 1", "replace": "a = 2", "line": 3}]}"#
    #expect(refusal(json, context(sources: sources)) == nil)
  }

  @Test("a function that several types define")
  func ambiguousFunction() throws {
    let sources = Sources([
      "bank.py": "class A:\n    def f(self):\n        return 1\n\nclass B:\n    def f(self):\n"
        + "        return 1\n\nclass C:\n    pass\n"
    ])
    let code = "def f(self):\n    return 2"
    #expect(
      refusal("```python\n\(code)\n```", context(sources: sources))
        == .unclearDefinition(path: "bank.py", name: "f", lines: [2, 6])
    )
    let inType = "```python\nclass B:\n    def f(self):\n        return 2\n```"
    let answer = try parseAnswer(inType, in: context(sources: sources))
    #expect(
      answer.sources["bank.py"]?.contains("class B:\n    def f(self):\n        return 2") == true
    )
    #expect(
      answer.sources["bank.py"]?.contains("class A:\n    def f(self):\n        return 1") == true
    )
  }

  @Test(
    "files that may not be changed",
    arguments: [
      ("other.py", AnswerRefusal.unknownFile(path: "other.py", known: ["bank.py"])),
      ("tests/test_bank.py", .protected(path: "tests/test_bank.py")),
      ("test_bank.py", .protected(path: "tests/test_bank.py")),
      ("conftest.py", .protected(path: "conftest.py")),
      ("../bank.py", .outside(path: "../bank.py")),
      ("/etc/bank.py", .outside(path: "/etc/bank.py")),
      ("~/bank.py", .outside(path: "~/bank.py")),
    ]
  )
  func otherFiles(path: String, expected: AnswerRefusal) {
    let old = "        if self.balance > amount:"
    #expect(refusal(edit(old, "        if True:", path: path)) == expected)
    let json = #"{"edits": [{"path": "\#(path)", "search": "balance", "replace": "x"}]}"#
    #expect(refusal(json) == expected)
    let diff = "--- \(path)\n+++ \(path)\n@@ -1 +1 @@\n-\(old)\n+        if True:\n"
    #expect(refusal(diff) == expected)
  }

  @Test("an answer that was given before, in whatever form")
  func repeated() throws {
    let first = edit("self.balance > amount", "self.balance >= amount")
    let print = try parseAnswer(first, in: context()).fingerprint
    let whole = mended("self.balance > amount", "self.balance >= amount")
    for again in [
      first, "```python\n\(whole)\n```", "```python\n\(whole.replacing("\n\n", with: "\n"))```",
    ] {
      #expect(refusal(again, context(seen: [print])) == .repeated)
    }
    #expect(refusal(edit("balance > amount", "balance < amount"), context(seen: [print])) == nil)
    let refused = answerDigest("I cannot do that.")
    #expect(refusal("I cannot\n do that.\n", context(seen: [refused])) == .repeated)
    #expect(refusal("I cannot do this.", context(seen: [refused])) == .declined)
  }

  @Test("an answer that is too large, or was cut off too early")
  func sizes() {
    let whole = "```python\n\(mended("> amount", ">= amount"))```"
    #expect(refusal(whole, context(limit: 100)) == .tooLarge(bytes: whole.utf8.count, limit: 100))
    #expect(refusal("```python\ndef total(acc", context(isTruncated: true)) == .truncated)
    #expect(refusal("I will", context(isTruncated: true)) == .truncated)
    #expect(refusal(#"{"edits": [{"path": "ban"#, context(isTruncated: true)) == .truncated)
  }

  @Test("code without a place, lines that are not there, edits of one line in two ways")
  func places() {
    #expect(refusal("```python\nx = 2\n```") == .noPlace(path: "bank.py"))
    #expect(refusal("Line 99: `x = 2`") == .noSuchLine(path: "bank.py", line: 99))
    #expect(
      refusal("```python\ndef other():\n    pass\n```")
        == .unclearDefinition(path: "bank.py", name: "other", lines: [])
    )
    let twice =
      edit(
        "        return False\n\n\ndef total(accounts):",
        "        return 1\n\n\ndef total(accounts):"
      )
      + edit(
        "            return True\n        return False",
        "            return 2\n        return 3"
      )
    #expect(refusal(twice) == .conflicting(path: "bank.py", line: 18))
  }

  @Test("code with parts left out by a comment is not taken for the whole")
  func elisions() {
    let elided =
      "```python\ndef withdraw(self, amount):\n    # ... existing code ...\n    return True\n```"
    #expect(refusal(elided) == .noPlace(path: "bank.py"))
    let type =
      "```python\nclass Account:\n    limit = 3\n\n    def withdraw(self, amount):\n        return True\n```"
    #expect(
      refusal(type)
        == .incompleteType(path: "bank.py", name: "Account", missing: ["__init__", "empty"])
    )
  }
}
