import HealingModel
import Scheduling
import Testing

@Suite("Exploration of event loops")
struct LoopExplorationTests {
  /// Runs an exploration of a program to its end.
  private func explored(_ program: LoopProgram) -> Explored {
    let simulator = LoopSimulator(program: program)
    var exploration = OptimalExploration()
    var found = Explored()
    while found.runs < 2000 {
      let schedules = exploration.next(8)
      if schedules.isEmpty { break }
      for schedule in schedules {
        let execution = simulator.run(schedule)
        found.runs += 1
        found.outcomes.insert("\(execution.end) \(execution.output)")
        exploration.take(execution, of: schedule)
      }
    }
    found.completeness = exploration.completeness
    found.counts = exploration.counts
    return found
  }

  @Test("random programs: the outcomes of all schedules, each class once", arguments: 0..<5)
  func bruteForce(part: UInt64) {
    var compared = 0
    for seed in part * 20..<part * 20 + 20 {
      let program = LoopProgram.random(seed: seed)
      guard let all = LoopSimulator(program: program).everything() else { continue }
      compared += 1
      let found = explored(program)
      #expect(found.outcomes == all.outcomes, "\(seed) \(program)")
      #expect(found.completeness == .exhausted(preemptions: nil), "\(seed) \(program)")
      #expect(found.counts.completed == all.classes, "\(seed) \(program)")
    }
    #expect(compared > 5)
  }

  @Test("a timer that is cancelled when it has not come could have come before")
  func cancelled() {
    let found = explored(
      LoopProgram(
        tasks: [[.sleepUntilCancelled, .write(0, plus: 1)], [.pause, .cancel(0)]],
        other: []
      )
    )
    #expect(found.counts.completed == 2)
    #expect(found.completeness == .exhausted(preemptions: nil))
  }

  @Test("a task goes on only when its loop does: no run diverges")
  func order() {
    let task: [LoopProgram.Operation] = [.read(0), .pause, .write(0, plus: 1)]
    let found = explored(LoopProgram(tasks: [task, task, task], other: []))
    #expect(found.counts == ExplorationCounts(completed: 1))
  }
}

extension ExplorationCounts {
  fileprivate init(completed: Int) {
    self.init()
    self.completed = completed
  }
}
