import Testing

@testable import heal

/// The tool with a real model beside its search.
///
/// What a small model can do is not what is tested: whatever it answers, what is claimed holds, and
/// what it used up is told.
@Suite(
  "a real model and the tool",
  .enabled(if: Machine.environment["HEAL_TEST_BASE_URL"] != nil),
  .serialized
)
struct RealModelTests {
  private var options: [String] {
    [
      "--model", Machine.environment["HEAL_TEST_MODEL"] ?? "",
      "--base-url", Machine.environment["HEAL_TEST_BASE_URL"] ?? "",
    ]
  }

  @Test("a real model is listed by heal model")
  func listed() async throws {
    let place = try Playground()
    let ended = try await place.run([Machine.tool, "model", "--json"] + options)
    #expect(ended.status == 0, "\(ended.err)")
    #expect(ended.out.contains(#""used": {"model": "#))
  }

  @Test("a real model is asked for what no edit mends, and nothing is claimed that does not hold")
  func asked() async throws {
    let place = try Playground()
    let program = """
      def roman(number):
          raise NotImplementedError("later")


      print(roman(14), roman(1990), roman(4))

      """
    try place.write(program, to: "roman.py")
    let ended = try await place.run(
      [Machine.tool, "run", "--json", "--budget", "120", "--expect", "XIV MCMXC IV"]
        + options + ["roman.py"]
    )
    let report = try ended.json()
    // A repair that was not written, or none.
    #expect([5, 1].contains(ended.status), "\(ended.err)")
    #expect((report["status"]?.text == "healed") == (ended.status == 5))
    let model = try #require(report["model"])
    for count in ["requests", "completionTokens"] {
      guard case .integer(let number)? = model[count] else {
        Issue.record("\(model)")
        continue
      }
      #expect(number >= 1, "\(count)")
    }
    #expect(place.text("roman.py") == program, "nothing is written without --apply")
    #expect(await place.leftovers(within: 20).isEmpty)
  }

  @Test("a real model beside it keeps the search from nothing")
  func beside() async throws {
    let place = try Playground()
    try place.write("def area(w, h):\n    return w + h\n\n\nprint(area(3, 4))\n", to: "area.py")
    let ended = try await place.run(
      [Machine.tool, "run", "--json", "--expect", "12"] + options + ["area.py"]
    )
    #expect(ended.status == 5, "\(ended.out)")
    #expect(try ended.json()["status"]?.text == "healed")
  }
}
