import HealingModel
import Scheduling
import Testing

@Suite("Preemptions at accesses")
struct AccessExplorationTests {
  /// A lost update between many steps that have nothing to do with it.
  static let buried: ToyProgram = {
    let library = (0..<20).flatMap { _ in [ToyProgram.Operation.acquire(1), .release(1)] }
    let work = library + [.read(0), .write(0, .plus(1))] + library
    return ToyProgram([work, work])
  }()

  @Test("an update that is lost between two of many steps is found in few runs")
  func finds() {
    var exploration = AccessExploration(most: 20)
    #expect(explore(Self.buried, with: &exploration).outcomes == ["1 0 0", "2 0 0"])
    #expect(exploration.completeness == .incomplete([.sampled]))
  }

  @Test("it ends by itself, or after so many schedules, and asks for none twice", arguments: 0..<40)
  func ends(seed: UInt64) {
    let program = ToyProgram.random(seed: seed)
    var exploration = AccessExploration(most: 60)
    var asked: [Schedule] = []
    let simulator = Simulator(program)
    while case let schedules = exploration.next(7), !schedules.isEmpty {
      asked += schedules
      for schedule in schedules {
        let execution = simulator.run(schedule)
        #expect(execution.end != .divergence)
        exploration.take(execution, of: schedule)
      }
    }
    #expect(asked.count <= 60)
    #expect(Set(asked).count == asked.count)
    #expect(exploration.counts.all == asked.count)
  }

  @Test("what it comes to is what all schedules can come to", arguments: 0..<40)
  func sound(seed: UInt64) {
    let program = ToyProgram.random(seed: seed)
    var exploration = AccessExploration(most: 60)
    let found = explore(program, with: &exploration, batch: 5)
    #expect(found.outcomes.isSubset(of: BruteForce.outcomes(of: program)))
  }
}
