import HealingModel
import Scheduling
import Testing

@Suite("Dependence of events")
struct DependenceTests {
  private func event(_ kind: TraceEventKind, _ object: Int = 1, field: Int = -1) -> TraceEvent {
    TraceEvent(thread: 0, kind: kind, object: object, field: field)
  }

  @Test("reads commute, a write depends on every access of its field")
  func accesses() {
    #expect(!event(.read, field: 3).depends(on: event(.read, field: 3)))
    #expect(event(.read, field: 3).depends(on: event(.write, field: 3)))
    #expect(event(.touch, field: 3).depends(on: event(.touch, field: 3)))
    #expect(!event(.write, field: 3).depends(on: event(.write, field: 4)))
    #expect(!event(.write, 1, field: 3).depends(on: event(.write, 2, field: 3)))
    #expect(event(.write).depends(on: event(.read, field: 4)), "a write of the whole object")
  }

  @Test("all operations on one lock depend on each other")
  func locks() {
    #expect(event(.acquire).depends(on: event(.acquire)))
    #expect(event(.try).depends(on: event(.release)))
    #expect(!event(.acquire, 1).depends(on: event(.acquire, 2)))
  }

  @Test("what changes nothing for others commutes")
  func passive() {
    #expect(!event(.try).depends(on: event(.try)))
    #expect(!event(.join).depends(on: event(.timeout)))
    #expect(!event(.wake).depends(on: event(.wake)))
    #expect(event(.end).depends(on: event(.join)))
    #expect(event(.notify).depends(on: event(.timeout)))
  }

  @Test("looking at a lock or thread depends on what changes it, its attributes do not")
  func looks() {
    #expect(event(.read).depends(on: event(.acquire)))
    #expect(event(.end).depends(on: event(.read)))
    #expect(!event(.read).depends(on: event(.join)))
    #expect(!event(.write, field: 3).depends(on: event(.end)))
  }

  @Test("starts of threads give them their numbers; the main thread's end ends all")
  func threads() {
    #expect(event(.spawn, 1).depends(on: event(.spawn, 2)))
    #expect(event(.end, 0).depends(on: event(.read, 4)))
    #expect(event(.sleep, 0).depends(on: event(.end, 0)))
  }

  @Test("it is symmetric, and events of no object depend on nothing else")
  func laws() {
    for one in TraceEventKind.allCases {
      for other in TraceEventKind.allCases {
        #expect(event(one).depends(on: event(other)) == event(other).depends(on: event(one)))
        guard one != .spawn, one != .end, other != .end else { continue }
        #expect(!event(one, 0).depends(on: event(other, 0)))
      }
    }
  }
}
