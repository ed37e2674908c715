import Foundation
import HealingModel
import Prompting
import Testing

@Suite("Answers that are written out")
struct WrittenAnswerTests {
  private func written(_ after: String, _ form: AnswerForm, before: String = bank) -> String? {
    writtenAnswer(
      from: Sources(["bank.py": before]),
      to: Sources(["bank.py": after]),
      form: form,
      language: .test
    )
  }

  @Test("a change is said in every form, and read back as it is", arguments: AnswerForm.allCases)
  func forms(form: AnswerForm) throws {
    let after = mended("self.balance > amount", "self.balance >= amount", in: bank)
    let both = mended("result -= ", "result += ", in: after)
    for text in [after, both] {
      let answer = try #require(written(text, form), "\(form)")
      #expect(try outcome(answer, context(form)) == text)
    }
  }

  @Test("functions are given alone, methods below their type")
  func functions() throws {
    let after = mended("self.balance > amount", "self.balance >= amount")
    let answer = try #require(written(after, .functions))
    #expect(answer.hasPrefix("```python\nclass Account:\n    def withdraw(self, amount):\n"))
    #expect(!answer.contains("def total") && !answer.contains("def __init__"))
  }

  @Test("a new import goes with the functions; other lines of a file are no function")
  func imports() throws {
    let after = mended("import threading\n", "import threading\nimport math\n")
    let changed = mended("result = 0\n", "result = math.floor(0)\n", in: after)
    let answer = try #require(written(changed, .functions))
    #expect(answer.contains("import math"))
    let outside = mended("\n\nmain()\n", "\n\nmain()\nmain()\n")
    #expect(written(outside, .functions) == nil)
    #expect(written(outside, .edits) != nil)
  }

  @Test("edits name few lines, as many as make the place clear")
  func edits() throws {
    let after = mended("result -= ", "result += ")
    let answer = try #require(written(after, .edits))
    #expect(answer.split(separator: "\n").count < 8, "\(answer)")
    let twice = "a = 1\nb = 2\na = 1\nc = 3\n"
    let second = "a = 1\nb = 2\na = 5\nc = 3\n"
    #expect(try #require(written(second, .edits, before: twice)).contains("b = 2"))
  }

  @Test("what no form can say is nil, and so is no change")
  func impossible() {
    for form in AnswerForm.allCases { #expect(written(bank, form) == nil) }
    let sources = Sources(["a.py": "x = 1\n", "b.py": "y = 1\n"])
    let after = Sources(["a.py": "x = 2\n", "b.py": "y = 2\n"])
    for (form, isSaid) in [(AnswerForm.wholeFile, false), (.functions, false), (.edits, true)] {
      let answer = writtenAnswer(from: sources, to: after, form: form, language: .test)
      #expect((answer != nil) == isSaid, "\(form)")
    }
    // A text that ends a block where none ends.
    let quoted = "x = \"\"\"\n=======\n\"\"\"\ny = 1\n"
    if let answer = written(mended("y = 1", "y = 2", in: quoted), .edits, before: quoted) {
      #expect(!answer.contains("=======\n\"\"\""))
    }
  }

  @Test("random changes of lines come back exactly, or are not written", arguments: 0..<120)
  func randomChanges(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var lines = bank.components(separatedBy: "\n")
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      let index = Int.random(in: 0..<lines.count - 1, using: &generator)
      switch Int.random(in: 0...3, using: &generator) {
      case 0: lines.remove(at: index)
      case 1: lines.insert("new_\(index) = \(seed)", at: index)
      case 2: lines[index] += "  # changed"
      default: lines.swapAt(index, Int.random(in: 0..<lines.count - 1, using: &generator))
      }
    }
    let after = lines.joined(separator: "\n")
    guard after != bank else { return }
    for form in AnswerForm.allCases {
      guard let answer = written(after, form) else { continue }
      #expect(try outcome(answer, context(form)) == after, "\(form)")
    }
    // Whole files differ from programs in nothing but the blank lines around them.
    #expect(written(after, .edits) != nil || after.hasPrefix("\n") || !after.hasSuffix("\n"))
  }
}
