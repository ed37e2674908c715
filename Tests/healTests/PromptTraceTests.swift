import Healing
import HealingModel
import Prompting
import Scheduling
import Testing

@Test("a prompt tells a failing schedule event by event, with values, places and marks")
func promptTrace() {
  let trace = PromptTrace(of: TraceRenderingTests.lostUpdate())
  #expect(trace.summary.contains("AssertionError"))
  let read = trace.events.first { $0.kind == "READ" }
  #expect(read?.thread == "Thread-1")
  #expect(read?.subject == "account.balance=100")
  #expect(read?.place == "bank.py:14")
  #expect(trace.events.contains { !$0.mark.isEmpty })
  #expect(trace.events.map(\.time).sorted() == trace.events.map(\.time))
  #expect(trace.waits.isEmpty)
}

@Test("a prompt tells who waits for what in a deadlock")
func promptWaits() {
  let trace = PromptTrace(of: TraceRenderingTests.deadlock())
  #expect(
    trace.waits == [
      "a holds fork1, wants fork2 at bank.py:11, held by b",
      "b holds fork2, wants fork3 at bank.py:11, held by c",
      "c holds fork3, wants fork1 at bank.py:11, held by a",
    ]
  )
}
