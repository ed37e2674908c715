import HealingModel
import Scheduling
import Testing

@Suite("Bounded exploration")
struct BoundedExplorationTests {
  @Test("each bound reaches what schedules with so many preemptions can come to", arguments: 0..<12)
  func bounds(seed: UInt64) {
    let program = ToyProgram.random(seed: seed)
    for bound in 0...1 {
      var exploration = BoundedExploration(maximum: bound)
      let found = explore(program, with: &exploration, batch: 16)
      #expect(found.outcomes == BruteForce.outcomes(of: program, preemptions: bound), "\(bound)")
      #expect(exploration.bounds.count == bound + 1)
      #expect(exploration.bounds.map(\.executions).reduce(0, +) == found.runs)
    }
  }

  @Test("at its maximum it has run every schedule")
  func maximum() {
    let program = ToyProgram([[.read(0), .write(0, .plus(1))], [.read(0), .write(0, .plus(1))]])
    var exploration = BoundedExploration()
    let found = explore(program, with: &exploration, batch: 16)
    #expect(found.completeness == .exhausted(preemptions: nil))
    #expect(found.outcomes == ["1 0 0", "2 0 0"])
    #expect(found.counts.completed == BruteForce.interleavings(of: program))
  }

  @Test("a bound that was finished is named while the next one goes on")
  func finishedBound() {
    let program = ToyProgram([[.read(0), .write(0, .plus(1))], [.read(0), .write(0, .plus(1))]])
    var exploration = BoundedExploration()
    let first = explore(program, with: &exploration, limit: 1)
    #expect(first.completeness == .incomplete([.unfinished]))
    _ = explore(program, with: &exploration, limit: 8)
    #expect(exploration.bounds.first?.preemptions == 0)
    #expect(exploration.completeness == .exhausted(preemptions: 0))
  }

  @Test("a thread that spins is made to give way, and that is said")
  func spinning() {
    let spin = Array(repeating: ToyProgram.Operation.read(0), count: 30)
    var simulator = Simulator(ToyProgram([spin, [.write(0, .plus(1))]]))
    simulator.fair = 10
    var exploration = BoundedExploration(maximum: 0)
    while let schedule = exploration.next(1).first {
      exploration.take(simulator.run(schedule), of: schedule)
    }
    #expect(exploration.completeness == .incomplete([.fairness]))
  }
}
