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

  @Test("it is symmetric, and events of no object depend on nothing")
  func laws() {
    for one in TraceEventKind.allCases {
      for other in TraceEventKind.allCases {
        #expect(event(one).depends(on: event(other)) == event(other).depends(on: event(one)))
        #expect(!event(one, 0).depends(on: event(other, 0)))
      }
    }
  }
}
