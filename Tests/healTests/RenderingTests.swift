import ArgumentParser
import Foundation
import Healing
import HealingModel
import Synchronization
import Testing

@testable import heal

@Suite("Rendering")
struct RenderingTests {
  private func outcome(_ report: SessionReport) -> HealingOutcome {
    HealingOutcome(
      report: report,
      session: FakeStore.id,
      surroundings: FakeAdapter().surroundings,
      oracle: .examples([ExampleCase(name: "run", expected: "1")]),
      program: Program(root: "/srv/shop", entry: .script(path: "app.py", arguments: [])),
      judgement: nil,
      error: nil
    )
  }

  @Test("the text report says what, why and on what evidence")
  func text() {
    let report = TextReport(outcome: outcome(.healed()), style: Style(colours: false))
    #expect(
      report.text == """
        healed: app.py passes now (1 attempt, 3 candidates, 0.5 s, confidence high)

        What is wrong
          app.py:1:1: name: `pritn` is not defined
              call `print` instead

        The repair
        --- a/app.py
        +++ b/app.py
        @@ -1 +1 @@
        -pritn(1)
        +print(1)

        Why
          app.py:1: `pritn` is `print` misspelt

        Evidence
          tested: 1 example by the oracle `output` (strength example), 2 fresh runs, 0 regressions
          interpreter: 3.11.7 at /usr/bin/python3
          sandbox: bwrap; it cannot give: cgroups
          session 0123456789ab, seed 7

        Other repairs that pass too (1)
          confidence low; they differ at f(3): this repair answers 1, the other 2
            --- a/app.py
            +++ b/app.py
            @@ -1 +1 @@
            -pritn(1)
            +input(1)

        Notes
          the search stopped early

        """
    )
    #expect(report.next == "Nothing was written. To write it: heal apply 0123456789ab\n")
  }

  @Test("no word claims more than the evidence")
  func words() {
    for report in [SessionReport.healed(), .unhealed(), .unhealed(partial: true)] {
      let text = TextReport(outcome: outcome(report), style: Style(colours: false)).text
      #expect(!text.lowercased().contains("prove"))
    }
  }

  @Test("the report's JSON fits its schema and keeps every key")
  func json() throws {
    for report in [SessionReport.healed(), .unhealed(), .unhealed(partial: true)] {
      let json = outcome(report).json
      #expect(try JSONSchema("heal-report-1.json").violations(of: json) == [])
      #expect(try JSON.parse(json.description.utf8).get()["patch"] == json["patch"])
    }
    let failure = HealingOutcome(error: .environment(message: "no python", remedy: "get it")).json
    #expect(try JSONSchema("heal-report-1.json").violations(of: failure) == [])
  }

  @Test("the validator finds what does not fit")
  func validator() throws {
    let schema = try JSONSchema("heal-files-1.json")
    #expect(schema.violations(of: ["schema": 1]).count == 4)
    let wrong: JSON = [
      "schema": 2, "session": "xyz", "status": "done", "files": [1], "error": nil, "more": 1,
    ]
    #expect(schema.violations(of: wrong).count == 5)
  }

  @Test("strings survive JSON", arguments: ["", "\"\\\n\r\t\u{0}\u{1f}\u{7f}", "ä→😀\u{2028}"])
  func strings(text: String) throws {
    let json: JSON = ["text": .string(text)]
    #expect(try JSON.parse("\(json)".utf8).get() == json)
    #expect(!"\(json)".contains("\n"))
  }

  @Test("nothing from a program can drive the terminal")
  func control() {
    #expect(printable("a\u{1B}[2Jb\rc\u{202E}") == "a\\u{1b}[2Jb\\rc\\u{202e}")
    #expect(printable("a\nb\tc", keepingLines: true) == "a\nb\tc")
    #expect(printable("a\nb") == "a\\nb")
  }

  @Test("colours depend on NO_COLOR and TERM")
  func colours() {
    #expect(Style.wantsColours(["TERM": "xterm"]))
    #expect(!Style.wantsColours(["TERM": "xterm", "NO_COLOR": "1"]))
    #expect(!Style.wantsColours(["TERM": "dumb"]))
    #expect(!Style.wantsColours([:]))
    #expect(Style(colours: true).red("x") == "\u{1B}[31mx\u{1B}[0m")
    #expect(Style(colours: true).red("x\n") == "\u{1B}[31mx\u{1B}[0m\n")
  }

  // MARK: Live progress

  private func progress(_ activity: String) -> HealingEvent {
    .trying(
      Healing.Progress(activity: activity, candidates: 312, passing: 3, tests: 5, secondsLeft: 41)
    )
  }

  @Test("without a screen nothing is written")
  func quiet() {
    let play = Screenplay()
    let live = LiveProgress(console: play.console(), now: { 0 }, ticks: false)
    live.handle(progress("x"))
    live.handle(.found([.misspelling]))
    live.end()
    #expect(play.err.isEmpty)
  }

  @Test("the line is redrawn at most ten times a second and fits the screen")
  func line() {
    let play = Screenplay()
    let time = Mutex(0.0)
    let screen = Screen(width: 40, style: Style(colours: false))
    let live = LiveProgress(
      console: play.console(screen: screen),
      now: { time.withLock { $0 } },
      ticks: false
    )
    for step in 0..<1000 {
      time.withLock { $0 = Double(step) / 1000 }
      live.handle(progress("comparisons in a file with a long name"))
    }
    live.end()
    let draws = play.err.components(separatedBy: "\r\u{1B}[2K")
    #expect(draws.count <= 12)
    #expect(draws.allSatisfy { $0.count < 40 })
    #expect(play.err.hasSuffix("\r\u{1B}[2K"))
    live.handle(progress("late"))
    #expect(!play.err.contains("late"))
  }

  @Test("the line says what is tried, how many, how far and how long")
  func status() {
    guard case .trying(let value) = progress("comparisons") else { return }
    let expected = "attempt 2 · comparisons · 312 candidates · 3/5 tests pass · 40 s left"
    #expect(LiveProgress.status(2, value, after: 1) == expected)
  }

  @Test("a finding is told once")
  func once() {
    let play = Screenplay()
    let screen = Screen(width: 80, style: Style(colours: false))
    let live = LiveProgress(console: play.console(screen: screen), now: { 0 }, ticks: false)
    live.handle(.found([.misspelling]))
    live.handle(.found([.misspelling]))
    live.end()
    #expect(play.err == "x app.py:1: name: `pritn` is not defined\n")
  }
}

@Suite("Documents")
struct DocumentTests {
  private func text(_ name: String) throws -> String {
    try String(contentsOfFile: projectFolder + "/" + name, encoding: .utf8)
  }

  @Test("the README names every command, status, key and variable, and stays short")
  func readme() throws {
    let readme = try text("README.md")
    for command in Heal.configuration.subcommands {
      let name = try #require(command.configuration.commandName)
      #expect(readme.contains("`heal \(name)"), "heal \(name)")
    }
    for status in ExitStatus.allCases {
      #expect(readme.contains(" \(status.rawValue) *"), "\(status)")
    }
    for key in SettingsKey.allCases {
      #expect(readme.contains("`\(key.rawValue)`") && readme.contains("`\(key.variable)`"))
    }
    for choice in SandboxChoice.allCases { #expect(readme.contains("`\(choice.rawValue)`")) }
    #expect(readme.split(separator: "\n", omittingEmptySubsequences: false).count < 200)
  }

  @Test("the changelog tells of this version")
  func changelog() throws { #expect(try text("CHANGELOG.md").contains("## \(version)\n")) }
}
