import HealingModel
import Testing

@testable import PythonAgent

@Suite("Failing verdicts are sampled")
struct SamplingTests {
  @Test("one in 200, whatever the digests are", arguments: [1, 7, 42])
  func share(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let digests = (0..<20_000).map { _ in
      String(UInt64.random(in: 0...UInt64.max, using: &random), radix: 16)
    }
    let share = Double(digests.count(where: isSampled)) / Double(digests.count)
    #expect(abs(share - 1 / 200) < 0.002)
  }

  @Test("what has no code is not", arguments: ["", "nonsense"])
  func none(digest: String) { #expect(!isSampled(digest)) }

  @Test("depths only get further")
  func depths() {
    typealias Depth = PythonSearchSpace.Depth
    #expect(Depth.inProcess.further(.fork) == .fork)
    #expect(Depth.fresh.further(.inProcess) == .fresh)
    #expect(Depth.fork.further(.fork) == .fork)
  }
}
