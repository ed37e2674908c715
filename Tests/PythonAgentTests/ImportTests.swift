import Testing

@testable import PythonAgent

@Test(
  "the modules that a line imports",
  arguments: [
    ("import a, b.c as d\n", ["a", "b.c"]),
    ("  from a.b import c, d as e\r\n", ["a.b", "a.b.c", "a.b.d"]),
    ("from . import x\nfrom ..y import (z\n", [".", ".x", "..y", "..y.z"]),
    ("important = 1\nfrom_ = 2\nx = 'import a'\n", []),
    ("import a  # why\nimport\nfrom\n", ["a"]),
  ]
)
func imports(text: String, modules: [String]) {
  #expect(importedModules(in: text) == modules)
}
