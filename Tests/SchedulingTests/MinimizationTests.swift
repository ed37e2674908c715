import HealingModel
import Scheduling
import Testing

@Suite("Minimization")
struct MinimizationTests {
  private static let expected = "2 0 0"

  private func judge(_ execution: Execution) -> ScheduleFailure? {
    ScheduleFailure(execution, expecting: Self.expected)
  }

  private func minimize(
    _ program: ToyProgram,
    from execution: Execution,
    failing failure: ScheduleFailure,
    batch: Int = 4
  ) -> Minimization {
    let simulator = Simulator(program)
    var minimization = Minimization(of: execution, failing: failure)
    while true {
      let schedules = minimization.next(batch)
      if schedules.isEmpty { return minimization }
      for schedule in schedules {
        let found = simulator.run(schedule)
        minimization.take(found, of: schedule, failing: judge(found))
      }
    }
  }

  private func firstFailure(_ program: ToyProgram, seed: UInt64) throws -> (
    Execution, ScheduleFailure
  ) {
    let simulator = Simulator(program)
    var exploration = RandomExploration(seed: seed)
    for _ in 0..<200 {
      let execution = simulator.run(exploration.next(1)[0])
      if let failure = judge(execution) { return (execution, failure) }
    }
    throw Missing()
  }

  private struct Missing: Error {}

  @Test(
    "a lost update needs one switch, from every random schedule that shows it",
    arguments: 0..<20
  )
  func lostUpdate(seed: UInt64) throws {
    let program = RandomExplorationTests.lostUpdate
    let (execution, failure) = try firstFailure(program, seed: seed)
    let result = try #require(minimize(program, from: execution, failing: failure).result)
    #expect(result.isMinimal)
    #expect(result.switches.count == 1)
    #expect(result.preemptions == 1)
    let again = Simulator(program).run(result.schedule)
    #expect(again.choices == result.execution.choices)
    #expect(ScheduleFailure(again, expecting: Self.expected) == failure)
    let passing = try #require(result.nearestPassing)
    #expect(ScheduleFailure(passing, expecting: Self.expected) == nil)
  }

  @Test("without any single switch of the result the failure is gone", arguments: 0..<10)
  func minimal(seed: UInt64) throws {
    let program = ToyProgram([
      [.acquire(0), .acquire(1), .release(1), .release(0), .read(0), .write(0, .plus(1))],
      [.acquire(1), .acquire(0), .release(0), .release(1), .read(0), .write(0, .plus(1))],
      [.read(1), .output],
    ])
    let (execution, failure) = try firstFailure(program, seed: seed)
    let result = try #require(minimize(program, from: execution, failing: failure).result)
    #expect(result.isMinimal)
    for place in result.switches {
      let without = Schedule(prefix: ThreadRuns(result.execution.choices.threads[..<place]))
      let execution = Simulator(program).run(without)
      if place == result.switches.last {
        #expect(ScheduleFailure(execution, expecting: Self.expected) != failure)
      }
    }
    #expect(result.switches.count <= 2)
  }

  @Test("a failure of every schedule needs no switch, and has no passing neighbour")
  func always() throws {
    let program = ToyProgram([[.write(0, .constant(5))], [.read(0), .write(1, .plus(1))]])
    let execution = Simulator(program).run(Schedule(policy: .random(seed: 3)))
    let failure = try #require(judge(execution))
    let result = try #require(minimize(program, from: execution, failing: failure).result)
    #expect(result.switches.isEmpty)
    #expect(result.schedule.prefix.count == 0)
    #expect(result.nearestPassing == nil)
  }

  @Test("a failure that the usual schedule shows: one switch more passes")
  func usual() throws {
    let program = ToyProgram(
      [[.write(0, .constant(5))], [.write(0, .constant(2))]],
      starting: [2, 1]
    )
    let execution = Simulator(program).run(Schedule())
    let failure = try #require(judge(execution))
    let result = try #require(minimize(program, from: execution, failing: failure).result)
    #expect(result.switches.isEmpty)
    let passing = try #require(result.nearestPassing)
    #expect(passing.output == Self.expected)
  }

  @Test("a failure that does not repeat has no result")
  func flaky() throws {
    let program = RandomExplorationTests.lostUpdate
    let (execution, failure) = try firstFailure(program, seed: 1)
    var minimization = Minimization(of: execution, failing: failure)
    let schedule = minimization.next(8)[0]
    minimization.take(execution, of: schedule, failing: nil)
    #expect(minimization.next(8).isEmpty)
    #expect(minimization.result == nil)
  }

  @Test("the budget ends it, and then nothing is said to be minimal")
  func budget() throws {
    let program = RandomExplorationTests.lostUpdate
    let (execution, failure) = try firstFailure(program, seed: 2)
    var minimization = Minimization(of: execution, failing: failure, budget: 1)
    for schedule in minimization.next(8) {
      minimization.take(Simulator(program).run(schedule), of: schedule, failing: failure)
    }
    #expect(minimization.next(8).isEmpty)
    #expect(minimization.result?.isMinimal == false)
  }
}
