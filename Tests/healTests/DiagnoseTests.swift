import HealingModel
import Testing

@testable import heal

@Suite("Diagnosis")
struct DiagnoseTests {
  private func world() throws -> FakeWorld {
    var world = try FakeWorld()
    var low = Finding.misspelling
    low.confidence = .low
    low.path = "sub/b, c.py"
    low.message = "100% odd: a,\r\nb"
    low.hint = ""
    world.adapter.findings = [low, .misspelling]
    world.adapter.sources = Sources(["app.py": "", "sub/b, c.py": ""])
    try world.folder.write("x\n", to: "sub/b, c.py")
    return world
  }

  @Test("findings end with 1, none with 0")
  func statuses() async throws {
    let world = try world()
    #expect(await world.run("diagnose", ".") == 1)
    #expect(world.play.out.contains("app.py:1:1: name: `pritn` is not defined [name/look-alike]"))
    #expect(world.play.out.hasSuffix("2 findings in 2 files\n"))
    var clean = try self.world()
    clean.adapter.findings = []
    #expect(await clean.run("diagnose", "app.py") == 0)
    #expect(clean.play.out == "nothing found in 1 file\n")
  }

  @Test("only what was asked for is looked at")
  func selection() async throws {
    let world = try world()
    #expect(await world.run("diagnose", "sub", "--format", "json") == 1)
    let findings = try #require(try world.json()["findings"]?.elements)
    #expect(findings.map { $0["path"] } == ["sub/b, c.py"])
    #expect(try JSONSchema("heal-diagnose-1.json").violations(of: world.json()) == [])
  }

  @Test("errors are JSON too when JSON was asked for")
  func errors() async throws {
    let world = try world()
    #expect(await world.run("diagnose", "nosuch.py", "--format", "json") == 2)
    #expect(try JSONSchema("heal-diagnose-1.json").violations(of: world.json()) == [])
  }

  @Test("annotations are escaped as the workflow commands want")
  func annotations() async throws {
    let world = try world()
    #expect(await world.run("diagnose", ".", "--format", "github") == 1)
    #expect(
      world.play.out == """
        ::error file=app.py,line=1,endLine=1,col=1,title=heal name/look-alike::\
        `pritn` is not defined%0Acall `print` instead
        ::notice file=sub/b%2C c.py,line=1,endLine=1,col=1,title=heal name/look-alike::\
        100%25 odd: a,%0D%0Ab

        """
    )
  }

  @Test("SARIF names tool, rules, places and levels")
  func sarif() async throws {
    let world = try world()
    #expect(await world.run("diagnose", ".", "--format", "sarif") == 1)
    let log = try world.json()
    #expect(log["version"] == "2.1.0")
    let run = try #require(log["runs"]?.elements?.first)
    #expect(run["tool"]?["driver"]?["name"] == "heal")
    #expect(run["tool"]?["driver"]?["rules"] == [["id": "name/look-alike"]])
    #expect(run["columnKind"] == "unicodeCodePoints")
    let results = try #require(run["results"]?.elements)
    #expect(results.map { $0["level"] } == ["error", "note"])
    #expect(results.map { $0["ruleIndex"] } == [0, 0])
    let place = try #require(results.last?["locations"]?.elements?.first?["physicalLocation"])
    #expect(place["artifactLocation"]?["uri"] == "sub/b%2C%20c.py")
    #expect(place["artifactLocation"]?["uriBaseId"] == "SRCROOT")
    #expect(place["region"]?["endColumn"] == 6)
  }
}
