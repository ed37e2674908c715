import HealingModel
import Prompting
import Testing

private let right = mended("self.balance > amount", "self.balance >= amount")
private let both = mended("result -= account", "result += account", in: right)

private let withdraw = """
  def withdraw(self, amount):
      if self.balance >= amount:
          self.balance -= amount
          return True
      return False
  """

private func indented(_ text: String, by space: String = "    ") -> String {
  text.split(separator: "\n", omittingEmptySubsequences: false)
    .map { $0.isEmpty ? "" : space + $0 }.joined(separator: "\n")
}

private func numbered(_ text: String, _ separator: String = "| ") -> String {
  text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    .map { "\($0.offset + 1)\(separator)\($0.element)" }.joined(separator: "\n")
}

/// Each answer gives the program with one comparison mended.
private let answers: [String: String] = [
  "whole file": "Here it is:\n```python\n\(right)```\nI changed > to >=.",
  "whole file, tildes": "~~~python\n\(right)~~~",
  "whole file, no tag": "```\n\(right)\n```",
  "whole file, no end": "```python\n\(right)",
  "whole file, no fence": right,
  "whole file, no fence, prose": "Sure! The corrected program:\n\n\(right)",
  "whole file, line numbers": "```python\n\(numbered(right))\n```",
  "whole file, line numbers with colons": "```python\n\(numbered(right, ": "))\n```",
  "whole file, indented": "```python\n\(indented(right))\n```",
  "whole file, its name in a comment": "```python\n# file: bank.py\n\(right)```",
  "whole file, its name before": "**bank.py**:\n\n```python\n\(right)```",
  "whole file, its name in the fence": "```python:bank.py\n\(right)```",
  "the old one, then the new one": "Before:\n```python\n\(bank)```\nAfter:\n```python\n\(right)```",
  "two versions, the last counts":
    "```python\n\(both)```\nOn second thought:\n```python\n\(right)```",
  "thoughts first": "<think>\n```python\nx = 1\n```\n</think>\n```python\n\(right)```",
  "a command beside": "```bash\npip install x && rm -rf /\n```\n```python\n\(right)```",
  "function": "```python\n\(withdraw)\n```",
  "function, indented": "```python\n\(indented(withdraw))\n```",
  "function, only its header flush": """
  ```python
  def withdraw(self, amount):
          if self.balance >= amount:
              self.balance -= amount
              return True
          return False
  ```
  """,
  "function below its class": "```python\nclass Account:\n\(indented(withdraw))\n```",
  "function below its class, with what is left out": """
  ```python
  class Account:
      # ... rest of the class unchanged ...

  \(indented(withdraw))
  ```
  """,
  "function twice": "```python\n\(withdraw)\n```\nagain\n```python\n\(withdraw)\n```",
  "function and a call": "```python\n\(withdraw)\n\nprint(Account(\"x\", 1))\n```",
  "search and replace": """
  bank.py
  <<<<<<< SEARCH
          if self.balance > amount:
  =======
          if self.balance >= amount:
  >>>>>>> REPLACE
  """,
  "search and replace, fenced, flush": """
  ```python
  <<<<<<< SEARCH
  if self.balance > amount:
      self.balance -= amount
  =======
  if self.balance >= amount:
      self.balance -= amount
  >>>>>>> REPLACE
  ```
  """,
  "search and replace, only the first line flush": """
  <<<<<<< SEARCH
  if self.balance > amount:
              self.balance -= amount
  =======
  if self.balance >= amount:
              self.balance -= amount
  >>>>>>> REPLACE
  """,
  "search and replace, line numbers": """
  <<<<<<< SEARCH
  16|         if self.balance > amount:
  =======
  16|         if self.balance >= amount:
  >>>>>>> REPLACE
  """,
  "search and replace, a part of a line": """
  <<<<<<< SEARCH
  self.balance > amount
  =======
  self.balance >= amount
  >>>>>>> REPLACE
  """,
  "search and replace, no end": """
  ```
  <<<<<<< SEARCH
          if self.balance > amount:
  =======
          if self.balance >= amount:
  ```
  """,
  "diff": """
  ```diff
  --- a/bank.py
  +++ b/bank.py
  @@ -15,3 +15,3 @@
       def withdraw(self, amount):
  -        if self.balance > amount:
  +        if self.balance >= amount:
               self.balance -= amount
  ```
  """,
  "diff, wrong counts and places": """
  --- bank.py
  +++ bank.py
  @@ -1,99 +7,2 @@
  -        if self.balance > amount:
  +        if self.balance >= amount:
  """,
  "diff, context that is not there": """
  ```diff
  @@ -15,3 +15,3 @@
       def take(self, amount):
  -        if self.balance > amount:
  +        if self.balance >= amount:
               self.balance -= 1
  ```
  """,
  "diff, white space lost": """
  ```diff
  @@ @@
  -if self.balance > amount:
  +if self.balance >= amount:
  ```
  """,
  "numbered line": "Line 16: `        if self.balance >= amount:`",
  "numbered line, flush": "- Line 16: `if self.balance >= amount:`",
  "numbered line in a sentence": "Line 16 should be `if self.balance >= amount:`.",
  "JSON with a path from the format": #"""
  {"edits": [{"path": "name", "search": "self.balance > a", "replace": "self.balance >= a"}]}
  """#,
  "numbered line, fenced": "```python\n16|         if self.balance >= amount:\n```",
  "JSON edits": #"""
  {"edits": [{"path": "bank.py", "search": "        if self.balance > amount:",
    "replace": "        if self.balance >= amount:"}]}
  """#,
  "JSON in a fence among prose": #"""
  Sure:
  ```json
  {"edits": [{"path": "./bank.py", "search": "self.balance > amount",
    "replace": "self.balance >= amount"},]} // done
  ```
  """#,
  "JSON by line":
    #"{"edits": [{"file": "bank.py", "line": 16, "new": "if self.balance >= amount:"}]}"#,
  "JSON function": #"""
  {"functions": [{"path": "bank.py", "name": "Account.withdraw", "code":
  "def withdraw(self, amount):\n    if self.balance >= amount:\n        self.balance -= amount\n        return True\n    return False"}]}
  """#,
]

@Suite("Forms of answers")
struct AnswerFormTests {
  @Test("each form gives the same repair", arguments: answers.keys.sorted())
  func forms(name: String) throws {
    #expect(try outcome(answers[name] ?? "") == right)
  }

  @Test("each form gives the same repair whatever was asked for", arguments: AnswerForm.allCases)
  func asked(form: AnswerForm) throws {
    for (name, answer) in answers {
      #expect(try outcome(answer, context(form)) == right, "\(name)")
    }
  }

  @Test("all forms of one repair have one fingerprint")
  func fingerprints() throws {
    let prints = try answers.values.map { try parseAnswer($0, in: context()).fingerprint }
    #expect(Set(prints).count == 1)
  }

  @Test("several parts of one answer are put in together")
  func several() throws {
    let total =
      "def total(accounts):\n    result = 0\n    for account in accounts:\n"
      + "        result += account.balance\n    return result"
    #expect(try outcome("```python\n\(withdraw)\n\n\n\(total)\n```") == both)
    #expect(try outcome("```python\n\(withdraw)\n```\nand\n```python\n\(total)\n```") == both)
    let edits = """
      <<<<<<< SEARCH
              result -= account.balance
      =======
              result += account.balance
      >>>>>>> REPLACE
      then
      <<<<<<< SEARCH
              if self.balance > amount:
      =======
              if self.balance >= amount:
      >>>>>>> REPLACE
      """
    #expect(try outcome(edits) == both)
  }

  @Test("an import and a new function come along with a function")
  func additions() throws {
    let answer = """
      ```python
      from decimal import Decimal

      def helper(x):
          return x

      def total(accounts):
          return helper(sum(account.balance for account in accounts))
      ```
      """
    let text = try outcome(answer)
    #expect(text.contains("import threading\nfrom decimal import Decimal\n"))
    #expect(
      text.contains("def helper(x):\n    return x\n\n\ndef total(accounts):\n    return helper")
    )
    #expect(!text.contains("result"))
    #expect(text.contains("def main():"))
  }

  @Test("decorators stay where an answer leaves them out")
  func decorators() throws {
    let answer = "```python\ndef empty(self):\n    return self.balance <= 0\n```"
    #expect(try outcome(answer) == mended("self.balance == 0", "self.balance <= 0"))
  }

  @Test("a fence in a text of the code is part of the code")
  func fenceInCode() throws {
    let documented = mended(
      "\"\"\"Holds money.\"\"\"",
      "\"\"\"Holds.\n\n    ```\n    x\n    ```\n    \"\"\""
    )
    #expect(try outcome("```python\n\(documented)```\nDone.") == documented)
  }

  @Test("the file keeps its line ends and its last line's")
  func lineEnds() throws {
    let windows = bank.replacing("\n", with: "\r\n")
    let answer = "```python\n\(withdraw)\n```"
    let text = try outcome(answer, context(sources: Sources(["bank.py": windows])))
    #expect(text == right.replacing("\n", with: "\r\n"))
    let short = Sources(["bank.py": "x = 1\nprint(y)"])
    #expect(try outcome("```\nx = 1\nprint(x)\n```", context(sources: short)) == "x = 1\nprint(x)")
  }

  @Test("imports stay, and calls that show a function at work do not come along")
  func trials() throws {
    let sources = Sources(["bank.py": "import math\n\ndef area(r):\n    return math.pi * r\n"])
    let code = "def area(r):\n    return math.pi * r ** 2\n"
    let expected = "import math\n\ndef area(r):\n    return math.pi * r ** 2\n"
    for answer in [code, code + "\nprint(area(1))\n", "import math\n\n\(code)\nprint(area(1))\n"] {
      for form in AnswerForm.allCases {
        let text = try outcome("```python\n\(answer)```", context(form, sources: sources))
        #expect(text == expected)
      }
    }
  }

  @Test("a program of statements alone is answered whole")
  func script() throws {
    let sources = Sources(["bank.py": "import os\nx = [1, 2]\nprint(sum(y))\n"])
    let answer = "```python\nx = [1, 2]\nprint(sum(x))\n```"
    #expect(
      try outcome(answer, context(.wholeFile, sources: sources)) == "x = [1, 2]\nprint(sum(x))\n"
    )
  }

  @Test("a program that does not parse is mended by function as well")
  func broken() throws {
    let sources = Sources([
      "bank.py": "def a(x)\n    return (x\n\ndef b(x):\n    return x\n\nprint(a(1), b(2))\n"
    ])
    let answer = "```python\ndef a(x):\n    return x\n```"
    #expect(
      try outcome(answer, context(sources: sources))
        == "def a(x):\n    return x\n\ndef b(x):\n    return x\n\nprint(a(1), b(2))\n"
    )
  }

  @Test("among several files the one is found that the answer names or defines")
  func files() throws {
    let sources = Sources(["bank.py": bank, "lib/shop.py": "def price():\n    return 1\n"])
    for answer in [
      "lib/shop.py\n```python\ndef price():\n    return 2\n```",
      "```python\n# shop.py\ndef price():\n    return 2\n```",
      "```python\ndef price():\n    return 2\n```",
      "--- a/lib/shop.py\n+++ b/lib/shop.py\n@@ -2 +2 @@\n-    return 1\n+    return 2\n",
      "<<<<<<< SEARCH\n    return 1\n=======\n    return 2\n>>>>>>> REPLACE",
    ] {
      let answer = try parseAnswer(answer, in: context(sources: sources))
      #expect(answer.sources["lib/shop.py"] == "def price():\n    return 2\n")
      #expect(answer.patch.paths == ["lib/shop.py"])
    }
  }

  @Test("an answer that was cut off is used up to its last whole part")
  func truncated() throws {
    let cut = "```python\n\(withdraw)\n\ndef total(accounts):\n    resu"
    #expect(try outcome(cut, context(isTruncated: true)) == right)
    let edits = """
      <<<<<<< SEARCH
              if self.balance > amount:
      =======
              if self.balance >= amount:
      >>>>>>> REPLACE
      <<<<<<< SEARCH
              result -= account.balance
      =======
              res
      """
    #expect(try outcome(edits, context(isTruncated: true)) == right)
    let json =
      #"{"edits": [{"path": "bank.py", "search": "self.balance > amount", "#
      + #""replace": "self.balance >= amount"}, {"path": "bank.py", "search": "result"#
    #expect(try outcome(json, context(isTruncated: true)) == right)
  }
}
