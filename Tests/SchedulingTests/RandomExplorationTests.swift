import HealingModel
import Scheduling
import Testing

@Suite("Random explorations and portfolios")
struct RandomExplorationTests {
  static let lostUpdate = ToyProgram([
    [.read(0), .write(0, .plus(1))], [.read(0), .write(0, .plus(1))],
  ])

  @Test("the seed fixes the schedules")
  func seeds() {
    var one = RandomExploration(seed: 7)
    var same = RandomExploration(seed: 7)
    var other = RandomExploration(seed: 8)
    let schedules = one.next(20)
    #expect(schedules == same.next(20))
    #expect(schedules != other.next(20))
    #expect(Set(schedules).count == 20)
  }

  @Test("random and priorities find a lost update soon, for each of 20 seeds", arguments: 0..<20)
  func finds(seed: UInt64) {
    var random = RandomExploration(seed: seed)
    #expect(explore(Self.lostUpdate, with: &random, limit: 50).outcomes == ["1 0 0", "2 0 0"])
    var priorities = PriorityExploration(seed: seed)
    let found = explore(Self.lostUpdate, with: &priorities, limit: 50)
    #expect(found.outcomes == ["1 0 0", "2 0 0"])
    #expect(found.completeness == .incomplete([.sampled]))
  }

  @Test("changes of priority are drawn within the longest execution so far")
  func length() {
    var exploration = PriorityExploration(seed: 1, depths: [3], length: 9)
    let first = exploration.next(1)[0]
    guard case .priorities(_, 3, 9) = first.policy else {
      Issue.record("\(first.policy)")
      return
    }
    exploration.take(Execution(end: .completed, choices: ThreadRuns([0, 1, 1, 0])), of: first)
    let second = exploration.next(1)[0]
    guard case .priorities(_, 3, 4) = second.policy else {
      Issue.record("\(second.policy)")
      return
    }
  }

  @Test("a portfolio gives each member the same share, and waits for none")
  func shares() {
    var portfolio = Portfolio([
      RandomExploration(seed: 1), PriorityExploration(seed: 2), OptimalExploration(),
    ])
    // Until its first execution is there, the optimal one has a single schedule.
    #expect(portfolio.next(31).filter(\.needsTrace).count == 1)
    var other = Portfolio([RandomExploration(seed: 1), PriorityExploration(seed: 2)])
    _ = explore(Self.lostUpdate, with: &other, batch: 10, limit: 100)
    #expect(other.members.map(\.counts.all) == [50, 50])
  }

  @Test("a portfolio ends when a member has covered everything")
  func ends() {
    var portfolio = Portfolio([RandomExploration(seed: 1), OptimalExploration()])
    let found = explore(Self.lostUpdate, with: &portfolio, batch: 4)
    #expect(found.completeness == .exhausted(preemptions: nil))
    #expect(found.runs < 40)
  }

  @Test("a portfolio whose members have nothing more to run ends too")
  func empty() {
    var portfolio = Portfolio([BoundedExploration(maximum: 0)])
    let found = explore(Self.lostUpdate, with: &portfolio)
    #expect(found.completeness == .exhausted(preemptions: 0))
  }
}
