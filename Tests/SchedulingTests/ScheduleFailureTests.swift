import HealingModel
import Scheduling
import Testing

@Suite("Failures of executions")
struct ScheduleFailureTests {
  private func execution(_ end: ExecutionEnd = .completed, output: String = "") -> Execution {
    Execution(end: end, choices: ThreadRuns(), output: output)
  }

  private func blocked(_ thread: Int, line: Int) -> BlockedThread {
    BlockedThread(
      thread: thread,
      kind: .acquire,
      object: "lock",
      place: SourcePlace(path: "a.py", line: line)
    )
  }

  @Test("output counts only where it is expected, white space at the ends of lines aside")
  func output() {
    #expect(ScheduleFailure(execution(output: "1\n"), expecting: nil) == nil)
    #expect(ScheduleFailure(execution(output: "1 \n\n"), expecting: "1") == nil)
    #expect(ScheduleFailure(execution(output: " 1"), expecting: "1") == .output)
  }

  @Test(
    "runs that were ended tell nothing",
    arguments: [ExecutionEnd.cut("steps"), .divergence, .limit]
  )
  func ended(end: ExecutionEnd) {
    var ended = execution(end)
    ended.exitStatus = 1
    #expect(ScheduleFailure(ended, expecting: "1") == nil)
  }

  @Test("a deadlock is named by the places of its circle, whichever threads are in it")
  func deadlock() {
    var one = execution(.deadlock)
    one.blocked = [blocked(1, line: 3), blocked(2, line: 7), blocked(0, line: 9)]
    one.cycle = [2, 1]
    var other = execution(.deadlock)
    other.blocked = [blocked(3, line: 7), blocked(1, line: 3)]
    other.cycle = [1, 3]
    let places = [3, 7].map { SourcePlace(path: "a.py", line: $0) }
    #expect(ScheduleFailure(one, expecting: nil) == .deadlock(places: places))
    #expect(ScheduleFailure(one, expecting: nil) == ScheduleFailure(other, expecting: nil))
  }

  @Test("an exception in a thread comes before the status, the locks kept and the output")
  func order() {
    var bad = execution(output: "x")
    #expect(ScheduleFailure(bad, expecting: "y") == .output)
    bad.leaks = [LockLeak(thread: 2, lock: "b"), LockLeak(thread: 1, lock: "a")]
    #expect(ScheduleFailure(bad, expecting: "y") == .leak(locks: ["a", "b"]))
    bad.exitStatus = 3
    #expect(ScheduleFailure(bad, expecting: "y") == .exit(status: 3))
    let frame = Frame(path: "a.py", line: 4, function: "f")
    let exception = ObservedException(type: "KeyError", message: "'7'", frames: [frame])
    bad.exceptions = [ThreadException(thread: 1, exception: exception)]
    let place = SourcePlace(path: "a.py", line: 4)
    #expect(ScheduleFailure(bad, expecting: "y") == .exception(type: "KeyError", place: place))
  }
}
