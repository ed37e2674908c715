import HealingModel
import Testing

@testable import PythonAgent

private func protection(_ targets: [String]) -> Protection {
  Protection(
    program: Program(root: "/nonexistent", entry: .suite(targets: targets, arguments: []))
  )
}

@Test(
  "tests beside those asked for; without a target every test is asked for",
  arguments: [
    ([], "test_a.py", false), (["test_a.py"], "test_a.py", false),
    (["test_a.py"], "test_b.py", true), (["tests"], "tests/test_b.py", false),
    (["test_a.py::test_x"], "test_a.py", false), (["test_a.py"], "b.py", false),
    (["."], "tests/test_b.py", false),
  ]
)
func otherTests(targets: [String], path: String, isOther: Bool) {
  #expect(protection(targets).isOtherTest(path) == isOther)
}

@Test(
  "what decides about a repair is not repaired",
  arguments: [
    ("test_a.py", true), ("conftest.py", true), ("pkg/conftest.py", true), ("setup.py", true),
    ("tests/helper.py", true), ("sitecustomize.py", true), ("pkg/module.py", false),
    ("latest.py", false),
  ]
)
func protectedFiles(path: String, isProtected: Bool) {
  #expect(protection([]).covers(path) == isProtected)
}
