import HealingModel
import Scheduling
import Testing

@Suite("Optimal exploration")
struct OptimalExplorationTests {
  @Test(
    "random programs: the outcomes of all interleavings, one execution for each trace",
    arguments: 0..<8
  )
  func bruteForce(part: UInt64) {
    for seed in part * 10..<part * 10 + 10 {
      let program = ToyProgram.random(seed: seed)
      guard let traces = BruteForce.traces(of: program, limit: 150) else { continue }
      var exploration = OptimalExploration()
      let found = explore(program, with: &exploration, batch: 8)
      #expect(found.outcomes == BruteForce.outcomes(of: program), "\(seed)")
      #expect(found.completeness == .exhausted(preemptions: nil), "\(seed)")
      #expect(found.counts.completed == traces, "\(seed)")
      #expect(found.counts.all <= 2 * traces + 2, "\(seed)")
    }
  }

  @Test(
    "two locked sections: both orders, whichever thread comes first",
    arguments: [[1, 2], [2, 1]]
  )
  func lockOrder(order: [Int]) {
    let program = ToyProgram(
      [
        [.acquire(0), .read(0), .write(0, .times(2)), .release(0)],
        [.acquire(0), .read(0), .write(0, .plus(1)), .release(0)],
      ],
      starting: order,
      from: [10, 0, 0]
    )
    var exploration = OptimalExploration()
    let found = explore(program, with: &exploration)
    #expect(found.outcomes == ["21 0 0", "22 0 0"])
    #expect(found.counts.completed == 2)
  }
}
