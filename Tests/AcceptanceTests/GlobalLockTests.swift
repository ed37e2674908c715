import Testing

@testable import heal

/// What `heal trace` says of the interpreter's global lock, through the built tool.
@Suite("The global lock")
struct GlobalLockTests {
  private static func program(adding: String) -> String {
    TraceTests.race.replacing("    seen = total\n    total = seen + 1\n", with: adding)
  }

  /// Nothing looks for other threads in it since CPython 3.10.
  private static let atOnce = program(adding: "    total += 1\n")
  /// A call lets others in.
  private static let withCall = program(adding: "    total = abs(total) + 1\n")
  /// Two bugs, of which the lock lets one happen.
  private static let both = atOnce.replacing(
    "assert total == 2, total",
    with: """
      kept = []


      def keep():
          if not kept:
              kept.append(len(kept))


      threads = [threading.Thread(target=keep) for _ in range(2)]
      for one in threads:
          one.start()
      for one in threads:
          one.join()
      assert (total, len(kept)) == (2, 1)
      """
  )

  private func trace(
    _ program: String,
    _ options: String...
  ) async throws -> (report: JSON, ended: Ended) {
    let playground = try Playground()
    try playground.write(program + "\n", to: "f.py")
    let ended = try await playground.run(
      [Machine.tool, "trace", "--json", "--budget", "120"] + options + ["f.py"]
    )
    return (try ended.json("trace"), ended)
  }

  private func label(_ report: JSON) -> JSON? {
    report["failure"]?["explanation"]?["gil"]?["label"]
  }

  /// Whether this machine's interpreter looks for other threads between any two instructions.
  private func isOld(_ report: JSON) -> Bool {
    let version = report["interpreter"]?.text ?? ""
    return version.hasPrefix("3.9.")
  }

  @Test(
    "what no switch of this interpreter makes is told as such, and --gil strict leaves it out"
  )
  func notByModel() async throws {
    let (report, ended) = try await trace(Self.atOnce)
    #expect(ended.status == 1 && report["leftOut"] == .integer(0), "\(ended)")
    guard !isOld(report) else {
      #expect(label(report) == "possible" || label(report) == "shown", "\(ended)")
      return
    }
    #expect(label(report) == "not-by-model", "\(ended)")
    let text = report["failure"]?["explanation"]?["gil"]?["text"]?.text ?? ""
    #expect(text.hasPrefix("not by our model of CPython 3."), "\(text)")
    let (strict, left) = try await trace(Self.atOnce, "--gil", "strict")
    #expect(left.status == 0 && strict["failure"] == .null, "\(left)")
    #expect(strict["leftOut"] != .integer(0) && strict["evidence"] == "explored", "\(left)")
  }

  @Test(
    "what the program as it is does when it is paused at the switches is shown"
  )
  func shown() async throws {
    for options in [[], ["--gil", "strict"]] {
      let playground = try Playground()
      try playground.write(Self.withCall + "\n", to: "f.py")
      let ended = try await playground.run(
        [Machine.tool, "trace", "--json", "--budget", "120"] + options + ["f.py"]
      )
      #expect(ended.status == 1, "\(ended)")
      #expect(label(try ended.json("trace")) == "shown", "\(ended)")
    }
  }

  @Test(
    "of two bugs behind one assertion the one that the lock lets happen is told"
  )
  func both() async throws {
    let (report, ended) = try await trace(Self.both)
    #expect(ended.status == 1, "\(ended)")
    #expect(label(report) == "shown" || label(report) == "possible", "\(ended)")
  }
}
