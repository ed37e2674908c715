import Diagnosis
import HealingModel
import Patching
import PythonAgent
import Testing

@Suite("repairs of Python in general")
struct TokenRulesTests {
  private func banked(_ before: String, _ after: String) throws -> BankedRepair {
    let patch = Patch(from: Sources(["a.py": before]), to: Sources(["a.py": after])) { _, _ in "" }
    let general = generalise(try #require(patch.edits.first), in: before, .python)
    let template: RepairTemplate = try #require(general.template)
    return BankedRepair(
      language: TokenRules.python.language,
      template: template,
      example: try #require(general.example),
      contexts: [],
      origins: [
        RepairOrigin(
          session: "",
          time: 0,
          version: "",
          program: "a.py",
          oracle: "suite",
          strength: .suite,
          evidence: .tested,
          source: .search,
          kinds: [],
          edits: 1,
          digest: "1"
        )
      ]
    )
  }

  @Test(
    "a repair of one program is what another one needs",
    arguments: [
      (
        "def add(item, items=[]):\n    items.append(item)\n",
        "def add(item, items=None):\n    items.append(item)\n",
        "class Log:\n    def note(line, lines = []):  # kept\n        pass\n",
        "class Log:\n    def note(line, lines = None):  # kept\n        pass\n"
      ),
      (
        "low = mid\n", "low = mid + 1\n",
        "while a < b:\n    if x:\n        a = c\n", "while a < b:\n    if x:\n        a = c + 1\n"
      ),
      (
        "def f(s):\n    s.strip().lower()\n    return s\n",
        "def f(s):\n    s = s.strip().lower()\n    return s\n",
        "async def g(text):\n\ttext.strip().lower()\n\treturn text\n",
        "async def g(text):\n\ttext = text.strip().lower()\n\treturn text\n"
      ),
      (
        "total = round(price * rate, 3)\n", "total = round(price * rate / 100, 3)\n",
        "vat = round(\n    net * share, 3,\n)\nfee = round(net * part, 3)\n",
        "vat = round(\n    net * share, 3,\n)\nfee = round(net * part / 100, 3)\n"
      ),
      (
        "print(f\"{name}: {x}\" % y)\n", "print(f\"{name}: {x}\")\n",
        "print(rb'''k\n # no comment''' % q)\n", "print(rb'''k\n # no comment''')\n"
      ),
    ]
  )
  func carriesOver(before: String, after: String, other: String, mended: String) throws {
    let found = recall(
      [try banked(before, after)],
      in: Sources(["b.py": other]),
      clues: RepairClues(findings: [], exception: nil),
      rules: .python,
      limit: 10
    )
    let texts = try found.map {
      try Patch(edits: [$0.edit]).applied(to: Sources(["b.py": other]))["b.py"]
    }
    #expect(texts == [mended])
  }

  @Test("methods of built-in types mean the same everywhere, those of others do not")
  func attributes() throws {
    let repair = try banked("xs = xs.sort()\n", "xs.sort()\n")
    func edits(_ text: String) -> Int {
      recall(
        [repair],
        in: Sources(["b.py": text]),
        clues: RepairClues(findings: [], exception: nil),
        rules: .python,
        limit: 10
      ).count
    }
    #expect(edits("rows = rows.sort()\n") == 1)
    #expect(edits("rows = rows.strip()\n") == 0)
    #expect(edits("rows = other.sort()\n") == 0)
  }

  @Test("what a bracket that nobody closes leaves open ends at the next statement")
  func openBracket() throws {
    let broken = "def f(:\n    x = (1\n\ndef g(a, b):\n    return a < b\n"
    let repair = try banked("def g(a, b):\n    return a < b\n", "def g(a, b):\n    return a <= b\n")
    let found = recall(
      [repair],
      in: Sources(["b.py": broken]),
      clues: RepairClues(findings: [], exception: nil),
      rules: .python,
      limit: 10
    )
    #expect(found.map(\.edit.range.start.line) == [5])
  }
}
