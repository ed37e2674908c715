import Foundation
import Testing

@testable import heal

/// The scenarios of the specification, healed by the built tool.
@Suite("Fixtures")
struct FixtureTests {
  @Test(
    "simple and extreme programs are healed and then print what is expected",
    arguments: Fixture.variants(of: "simple", "extreme")
  )
  func healed(fixture: Fixture) async throws { try await expectHealed(fixture) }

  @Test(
    "programs of six and seven bugs of meaning are healed by what the diagnosis names",
    arguments: ["payments", "financial"].flatMap {
      Fixture.variants(of: $0).prefix(Machine.testsLong ? 3 : 1)
    }
  )
  func meaning(fixture: Fixture) async throws { try await expectHealed(fixture) }

  @Test(
    "iterative programs are healed with pandas and then print what is expected",
    .enabled(if: Machine.hasPandas),
    arguments: Fixture.variants(of: "iterative")
  )
  func iterative(fixture: Fixture) async throws { try await expectHealed(fixture) }

  private func expectHealed(_ fixture: Fixture) async throws {
    let playground = try fixture.playground("broken")
    let ended = try await playground.run(fixture.command(in: playground, "--apply"))
    #expect(ended.status == 0, "\(ended)")
    let report = try ended.json()
    #expect(report["status"] == "healed")
    #expect(report["applied"] == true)
    #expect(report["partial"] == false)
    #expect(report["remaining"]?.elements == [])
    #expect(report["verification"]?["regressions"] == 0)
    #expect(try await fixture.output(in: playground) == fixture.expect)
    #expect(playground.snapshot().count == 1, "nothing but the program is in its folder")
    #expect(await playground.leftovers() == [])
  }

  @Test(
    "correct programs are healthy and nothing of them changes",
    arguments: Fixture.variants(of: "simple", "extreme", "payments", "financial", "nightmare")
  )
  func healthy(fixture: Fixture) async throws { try await expectHealthy(fixture) }

  @Test(
    "correct programs with pandas are healthy and nothing of them changes",
    .enabled(if: Machine.hasPandas),
    arguments: Fixture.variants(of: "iterative")
  )
  func healthyWithPandas(fixture: Fixture) async throws { try await expectHealthy(fixture) }

  private func expectHealthy(_ fixture: Fixture) async throws {
    let playground = try fixture.playground("healed")
    let before = playground.snapshot()
    let ended = try await playground.run(fixture.command(in: playground, "--apply"))
    #expect(ended.status == 0, "\(ended)")
    let report = try ended.json()
    #expect(report["status"] == "healthy")
    #expect(report["applied"] == false)
    #expect(report["edits"]?.elements == [])
    #expect(report["patch"] == .null)
    #expect(playground.snapshot() == before)
    #expect(await playground.leftovers() == [])
  }

  @Test(
    "a program with syntax errors, wrong operators and races is healed whole",
    // One takes a minute and more.
    arguments: Fixture.variants(of: "nightmare").prefix(Machine.testsLong ? 3 : 1)
  )
  func nightmare(fixture: Fixture) async throws {
    let playground = try fixture.playground("broken")
    let before = playground.snapshot()
    let command = fixture.command(in: playground, "--apply", "--budget", "300")
    let ended = try await playground.run(command)
    #expect(ended.status == 0, "\(ended)")
    let report = try ended.json()
    #expect(report["status"] == "healed")
    #expect(report["applied"] == true)
    #expect(["explored", "exhausted"].contains(report["evidence"]?.text))
    #expect(report["remaining"]?.elements == [])
    let rules = (report["findings"]?.elements ?? []).compactMap { $0["rule"]?.text }
    #expect(rules.contains { $0.hasPrefix("concurrency/") }, "\(rules)")
    #expect(try await fixture.output(in: playground) == fixture.expect)
    #expect(try fixture.deterministicBugs(in: playground.text(fixture.run[0])) == [])
    let session = try #require(report["session"]?.text)
    #expect(try await playground.heal("undo", session).status == 0)
    #expect(playground.snapshot() == before)
    #expect(await playground.leftovers() == [])
  }
}
