import HealingModel
import Scheduling
import Testing

@Suite("Optimal exploration")
struct OptimalExplorationTests {
  /// How many executions came to an end of their own, for each trace: 1, but for rare programs.
  private func check(_ program: ToyProgram, _ seed: UInt64) -> Double? {
    var exploration = OptimalExploration()
    let found = explore(program, with: &exploration, batch: 8)
    #expect(found.outcomes == BruteForce.outcomes(of: program), "\(seed)")
    #expect(found.completeness == .exhausted(preemptions: nil), "\(seed)")
    guard let traces = BruteForce.traces(of: program, limit: 40) else { return nil }
    #expect(found.counts.completed >= traces, "\(seed)")
    #expect(found.counts.all <= 3 * traces + 1, "\(seed)")
    return Double(found.counts.completed) / Double(traces)
  }

  @Test("random programs: the outcomes of all interleavings, each trace once", arguments: 0..<20)
  func bruteForce(part: UInt64) {
    let ratios = (part * 20..<part * 20 + 20).compactMap { check(.random(seed: $0), $0) }
    #expect(ratios.count { $0 != 1 } <= 1, "\(ratios)")
    #expect(ratios.allSatisfy { $0 <= 1.6 }, "\(ratios)")
    #expect(ratios.count > 5)
  }

  @Test("with time-outs, sleeps and daemons: the outcomes of all interleavings", arguments: 0..<5)
  func timed(part: UInt64) {
    for seed in part * 20..<part * 20 + 20 {
      let program = ToyProgram.random(seed: seed, timed: true)
      let ratio = check(program, seed)
      if program.daemons.isEmpty { #expect(ratio ?? 1 <= 1.6, "\(seed)") }
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

  @Test("the verdict does not depend on the order in which threads are started", arguments: 0..<10)
  func orderOfThreads(part: UInt64) {
    for seed in part * 5..<part * 5 + 5 {
      var program = ToyProgram.random(seed: seed)
      // Starts by other threads, and waits for the first thread alone, are no matter of order.
      guard program.threads[0].prefix(2) == [.spawn(1), .spawn(2)] else { continue }
      var first = OptimalExploration()
      let forward = explore(program, with: &first)
      program.threads[0].swapAt(0, 1)
      var second = OptimalExploration()
      let backward = explore(program, with: &second)
      #expect(forward.outcomes == backward.outcomes, "\(seed)")
    }
  }

  @Test("a deadlock that the first execution does not show, and one that it does")
  func deadlock() {
    let crossed = ToyProgram([
      [.acquire(0), .acquire(1), .release(1), .release(0)],
      [.acquire(1), .acquire(0), .release(0), .release(1)],
    ])
    var exploration = OptimalExploration()
    let found = explore(crossed, with: &exploration)
    #expect(found.outcomes == ["0 0 0", "deadlock 0 0 0"])
    #expect(found.counts.completed == 3)
  }

  @Test("a lost wake-up hangs")
  func lostWakeUp() {
    let program = ToyProgram([
      [.acquire(0), .wait(0), .release(0)], [.acquire(0), .notify(0), .release(0)],
    ])
    var exploration = OptimalExploration()
    #expect(explore(program, with: &exploration).outcomes == ["0 0 0", "hang 0 0 0"])
  }

  @Test("new shared places void what was explored")
  func foundShared() {
    var exploration = OptimalExploration()
    let schedule = exploration.next(4)[0]
    var execution = Simulator(ToyProgram([[.read(0)], [.write(0, .plus(1))]])).run(schedule)
    execution.foundShared = ["place"]
    exploration.take(execution, of: schedule)
    #expect(exploration.next(4).isEmpty)
    #expect(exploration.completeness == .incomplete([.foundShared]))
  }

  @Test("what was cut or bounded is not exhausted")
  func shortfalls() {
    let program = ToyProgram([[.read(0)], [.write(0, .plus(1))]])
    var simulator = Simulator(program)
    simulator.stepLimit = 5
    var exploration = OptimalExploration()
    while let schedule = exploration.next(1).first {
      var execution = simulator.run(schedule)
      execution.isBounded = true
      exploration.take(execution, of: schedule)
    }
    #expect(exploration.completeness == .incomplete([.cut("steps"), .timeouts]))
  }

  @Test("an execution without a trace is said to be unreadable")
  func unreadable() {
    var exploration = OptimalExploration()
    let schedule = exploration.next(1)[0]
    exploration.take(Execution(end: .completed, choices: ThreadRuns([0])), of: schedule)
    #expect(exploration.completeness == .incomplete([.unreadable]))
  }
}
