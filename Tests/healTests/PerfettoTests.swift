import HealingModel
import Scheduling
import Testing

@testable import heal

@Suite("Traces for Perfetto")
struct PerfettoTests {
  private struct Slice {
    var thread: Int
    var begin: Double
    var end: Double
    var name: String
  }

  private func events(_ json: JSON) -> [JSON] {
    guard case .array(let events) = json["traceEvents"] else { return [] }
    return events
  }

  private func number(_ json: JSON?) -> Double? {
    switch json {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  private func slices(_ json: JSON) throws -> [Slice] {
    try events(json).filter { $0["ph"] == "X" }.map { one in
      let begin = try #require(number(one["ts"]))
      let duration = try #require(number(one["dur"]))
      guard case .integer(let thread) = one["tid"], case .string(let name) = one["name"] else {
        throw Malformed()
      }
      return Slice(thread: thread, begin: begin, end: begin + duration, name: name)
    }
  }

  private struct Malformed: Error {}

  @Test("slices of a thread nest, however locks are given back", arguments: 0..<20)
  func nesting(seed: UInt64) throws {
    let all = try slices(RandomExplanations.make(seed: seed, threads: 3, events: 30).perfetto)
    #expect(all.count > 60)
    for thread in Set(all.map(\.thread)) {
      var open: [Slice] = []
      let mine = all.filter { $0.thread == thread }
        .sorted { ($0.begin, -$0.end) < ($1.begin, -$1.end) }
      for slice in mine {
        #expect(slice.end > slice.begin)
        while let last = open.last, last.end <= slice.begin { open.removeLast() }
        if let last = open.last { #expect(slice.end <= last.end, "\(slice) overlaps \(last)") }
        open.append(slice)
      }
    }
  }

  @Test("a lock's slices cover what is done while it is held, and threads have their names")
  func content() throws {
    let json = TraceRenderingTests.lostUpdate().perfetto
    let all = try slices(json)
    let held = try #require(all.first { $0.name == "holds audit" })
    let read = try #require(all.first { $0.name == "READ account.balance=100" })
    #expect(held.begin <= read.begin && read.end <= held.end)
    #expect(read.end - read.begin == 1, "a step is a microsecond")
    let names = events(json).filter { $0["name"] == "thread_name" }.map { $0["args"]?["name"] }
    #expect(names == ["MainThread", "Thread-1 (pay)", "Thread-2 (pay)"])
  }

  @Test("arrows come in pairs, forward in time, bound to slices of their threads")
  func arrows() throws {
    let found = TraceRenderingTests.lostUpdate()
    let all = events(found.perfetto)
    let starts = all.filter { $0["ph"] == "s" }
    let ends = all.filter { $0["ph"] == "f" }
    #expect(starts.count == found.orders.count && ends.count == found.orders.count)
    #expect(!starts.isEmpty && starts.map { $0["id"] } == ends.map { $0["id"] })
    let slices = try slices(found.perfetto)
    for (start, end) in zip(starts, ends) {
      let (begin, finish) = (try #require(number(start["ts"])), try #require(number(end["ts"])))
      #expect(begin < finish)
      for (arrow, time) in [(start, begin), (end, finish)] {
        #expect(
          slices.contains { slice in
            JSON.integer(slice.thread) == arrow["tid"] && slice.begin <= time && time < slice.end
          }
        )
      }
    }
  }
}
