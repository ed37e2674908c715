import Foundation
import Healing
import HealingModel
import Processes
import PythonAgent
import Testing

@testable import heal

/// Rules of evidence that no candidate of today breaks, asked of the adapter as the loop asks it.
@Suite("The adapter's part in the rules of evidence")
struct AdapterTests {
  private static let files = [
    "src/pkg/__init__.py": "", "src/pkg/mod.py": "def f(x):\n    return x * x\n",
    "main.py": "import sys\nsys.path.append('src')\nfrom pkg.mod import f\nprint(f(3))\n",
    "test_mod.py": """
    import sys
    sys.path.append("src")
    from pkg.mod import f


    def test_f():
        assert f(3) == 6

    """,
  ]

  /// Opens an adapter on a program whose copies run at a path of their own.
  private func with(
    _ oracle: Oracle,
    _ entry: Program.Entry,
    environment extra: [String: String] = [:],
    _ body: (PythonAdapter, Sources) async throws -> Void
  ) async throws {
    let playground = try Playground()
    for (path, text) in Self.files { try playground.write(text, to: path) }
    var environment = playground.environment
    environment["HEAL_LAUNCHER"] = Machine.built + "/heal-launcher"
    for (name, value) in extra {
      environment[name] = value.replacing("{root}", with: playground.folder)
    }
    let sandbox = try await Sandbox.probe(environment: environment, mechanism: .limits)
    let work = try WorkFolder(environment: environment)
    let adapter = try await PythonAdapter.open(
      program: Program(root: playground.folder, entry: entry),
      oracle: oracle,
      options: PythonOptions(
        interpreter: Machine.python,
        environment: environment,
        seed: 0,
        jobs: 1,
        toolsFolder: nil
      ),
      processes: try await ProcessPort.live(
        root: playground.folder,
        sandbox: sandbox,
        policy: SandboxPolicy(),
        work: work
      )
    )
    do {
      try await body(adapter, await adapter.editableSources())
    } catch {
      await adapter.close()
      await work.remove()
      throw error
    }
    await adapter.close()
    await work.remove()
  }

  private static let script = Program.Entry.script(path: "main.py", arguments: [])
  private static let prints6 = Oracle.examples([
    ExampleCase(name: "a", arguments: [], input: [], expected: "6")
  ])

  @Test("rule 5: what decides and what was not there is refused", .timeLimit(.minutes(30)))
  func files() async throws {
    try await with(.suite, .suite(targets: [], arguments: [])) { adapter, sources in
      #expect(sources.paths == ["main.py", "src/pkg/__init__.py", "src/pkg/mod.py"])
      for (path, rule) in [
        ("test_mod.py", "protected file"), ("conftest.py", "created file"),
        ("json.py", "created file"),
      ] {
        var after = sources
        after[path] = "x = 1\n"
        let refusals = try await adapter.refusals(from: sources, to: after, strength: .suite)
        #expect(refusals.map(\.rule) == [rule])
      }
      var after = sources
      after["src/pkg/mod.py"] = "def f(x):\n    return x + x\n"
      #expect(try await adapter.refusals(from: sources, to: after, strength: .suite).isEmpty)
    }
  }

  @Test("rule 6: a planted error that changes nothing ends the session", .timeLimit(.minutes(30)))
  func planted() async throws {
    // A search path that leads to where the program is installed, as an editable install's does.
    for (path, isCopy) in [("", true), ("{root}/src", false)] {
      try await with(Self.prints6, Self.script, environment: ["PYTHONPATH": path]) {
        adapter,
        sources in
        var after = sources
        after["src/pkg/mod.py"] = "def f(x):\n    return x + x\n"
        if isCopy {
          try await adapter.confirmCopy(from: sources, to: after)
          #expect(try await adapter.judge(after, run: 0).passes)
        } else {
          #expect(try await !adapter.judge(after, run: 0).passes, "the original is what runs")
        }
      }
    }
    try await with(
      .examples([ExampleCase(name: "a", arguments: [], input: [], expected: "9")]),
      Self.script,
      environment: ["PYTHONPATH": "{root}/src"]
    ) { adapter, sources in
      var after = sources
      after["src/pkg/mod.py"] = "def f(x):\n    return 9\n"
      await #expect(throws: AdapterError.self) {
        try await adapter.confirmCopy(from: sources, to: after)
      }
    }
  }
}
