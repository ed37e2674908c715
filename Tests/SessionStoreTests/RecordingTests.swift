import Foundation
import GRDB
import Healing
import HealingModel
import Testing

@testable import SessionStore

@Suite("recording and reading sessions")
struct RecordingTests {
  let scratch: ScratchFolder
  let store: SessionStore

  init() throws {
    scratch = try ScratchFolder()
    store = try SessionStore.open(at: scratch.path + "/state", ports: ports())
  }

  @Test("everything that was recorded is read again")
  func roundTrip() async throws {
    let id = try await recordSession(in: store)
    let session = try await store.load(id)
    var header = Sample.header()
    header.surroundings = Sample.surroundings
    #expect(session.header == header)
    #expect(!session.headerIsMasked)
    #expect(session.status == .healed)
    #expect(session.report == Sample.report)
    #expect(session.files == Sample.files)
    #expect(session.attempts.keys.sorted() == [1, 2])
    #expect(
      session.events.map(\.content) == [
        .judged(Sample.judgement()), .observed(Sample.observation()),
        .found([Sample.finding(), Sample.finding("second")]), .note("a sentence"),
      ]
    )
    #expect(session.events.map(\.attempt) == [1, 1, 1, 2])
    #expect(session.candidates.map(\.candidate) == ["a", "b"].map(Sample.candidate))
    #expect(session.candidates.map(\.verdict) == [.progress, .plausible(runs: 3)])
    #expect(session.candidates.map(\.claimed) == [false, true])
    #expect(
      session.tallies == [StoredTally(kind: "comparison", verdict: "stillFailing", count: 10)]
    )
    #expect(session.omitted == 0)
  }

  @Test("the list is newest first, and names resolve")
  func listAndResolve() async throws {
    await #expect(throws: StoreError.empty) { try await store.resolve("last") }
    #expect(try await store.list() == [])
    var names: [SessionID] = []
    for started in [30.0, 10, 20] {
      names.append(try await recordSession(in: store, started: started))
    }
    #expect(try await store.list().map(\.id) == [names[0], names[2], names[1]])
    #expect(try await store.list(limit: 1).map(\.id) == [names[0]])
    #expect(try await store.resolve("last") == names[0])
    #expect(try await store.resolve(names[1].description.uppercased()) == names[1])
    let line = try await store.list()[0]
    #expect(line.status == .healed && line.seconds == 1.5 && line.candidates == 12)
    #expect(line.commandLine == ["heal", "run", "bank.py", "a"])
    try await alter(store, "UPDATE sessions SET id = 'abc00000000' || number")
    #expect(try await store.resolve("abc000000002").description == "abc000000002")
    await #expect(
      throws: StoreError.ambiguous(
        "ABC",
        matches: ["abc000000001", "abc000000002", "abc000000003"]
      )
    ) { try await store.resolve("ABC") }
    await #expect(throws: StoreError.unknown("f")) { try await store.resolve("f") }
    for name in ["", "xyz", "../..", "0123456789abc"] {
      await #expect(throws: StoreError.notAName(name)) { try await store.resolve(name) }
    }
  }

  @Test("a name that is taken is drawn again")
  func collision() async throws {
    let twin = try SessionStore.open(at: store.folder, ports: ports())
    let first = try await store.begin(Sample.header())
    let second = try await twin.begin(Sample.header())
    #expect(first.id != second.id)
    #expect(SessionID(first.id.description) == first.id)
  }

  @Test("a session whose process died at work is shown as interrupted")
  func interrupted() async throws {
    let recording = try await store.begin(Sample.header())
    for event in Sample.events { recording.record(event) }
    #expect(try await store.list()[0].status == .running)
    try await until { try await store.load(recording.id).candidates.count == 2 }
    let child = Process()
    child.executableURL = URL(fileURLWithPath: "/bin/sleep")
    child.arguments = ["60"]
    try child.run()
    let owner = try storedJSON(OwnerProcess(running: child.processIdentifier))
    try await store.pool.write { db in
      try db.execute(sql: "UPDATE sessions SET owner = ?", arguments: [owner])
    }
    #expect(try await store.list()[0].status == .running)
    kill(child.processIdentifier, SIGKILL)
    child.waitUntilExit()
    #expect(try await store.list()[0].status == .interrupted)
    let session = try await store.load(recording.id)
    #expect(session.status == .interrupted)
    #expect(session.report == nil)
    #expect(session.events.count == 4)
    #expect(try await store.verifySeal(recording.id) == .unsealed)
  }

  @Test("two stores on one folder record at once")
  func together() async throws {
    let folder = store.folder
    try await withThrowingTaskGroup(of: Void.self) { group in
      for seed in 10..<14 as Range<UInt64> {
        group.addTask {
          let own = try SessionStore.open(at: folder, ports: ports(seed: seed))
          let recording = try await own.begin(Sample.header())
          for _ in 0..<40 { for event in Sample.events { recording.record(event) } }
          try await recording.finish(Sample.report, files: Sample.files)
        }
      }
      try await group.waitForAll()
    }
    let all = try await store.list()
    #expect(all.count == 4)
    for line in all {
      let session = try await store.load(line.id)
      #expect(session.candidates.count == 80)
      #expect(session.tallies.map(\.count) == [400])
      #expect(try await store.verifySeal(line.id) == .intact)
    }
    #expect(
      try await store.pool.read { try String.fetchOne($0, sql: "PRAGMA integrity_check") }
        == "ok"
    )
  }

  @Test("a session ends once, and takes nothing afterwards")
  func endsOnce() async throws {
    let recording = try await store.begin(Sample.header())
    try await recording.finish(Sample.report, files: [])
    recording.record(.note("late"))
    await #expect(throws: StoreError.finished(recording.id.description)) {
      try await recording.finish(Sample.report, files: [])
    }
    #expect(try await store.load(recording.id).events.isEmpty)
  }

  @Test("what is recorded while the session ends is sealed or left out", arguments: 0..<5)
  func recordWhileEnding(round: Int) async throws {
    let recording = try await store.begin(Sample.header())
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<2 {
        group.addTask {
          for number in 0..<400 {
            recording.record(.note("\(number)"))
            recording.record(.tally(kind: "k", verdict: "v", count: 1))
            if number % 50 == 0 { try await Task.sleep(for: .milliseconds(1)) }
          }
        }
      }
      group.addTask {
        try await Task.sleep(for: .milliseconds(round))
        try await recording.finish(Sample.report, files: Sample.files)
      }
      try await group.waitForAll()
    }
    try await Task.sleep(for: .milliseconds(120))
    #expect(try await store.verifySeal(recording.id) == .intact)
  }

  @Test("whether a repair is written can change after the end")
  func applied() async throws {
    let id = try await recordSession(in: store)
    #expect(try await store.load(id).report?.applied == false)
    try await store.mark(applied: true, id)
    #expect(try await store.load(id).report?.applied == true)
    #expect(try await store.list()[0].applied)
    #expect(try await store.verifySeal(id) == .intact)
    let nobody = try #require(SessionID("000000000000"))
    await #expect(throws: StoreError.unknown("000000000000")) {
      try await store.mark(applied: true, nobody)
    }
  }

  @Test("what a disk that hangs cannot take is counted")
  func omitted() {
    var queue = RecordingQueue()
    for number in 0..<(SessionRecording.capacity + 3) {
      queue.append(.init(sequence: number, attempt: 0, at: 0, event: .note("")))
    }
    var newer = RecordingQueue()
    newer.append(.init(sequence: -1, attempt: 0, at: 0, event: .note("")))
    newer.putBack(queue)
    #expect(newer.items.count == SessionRecording.capacity && newer.omitted == 4)
    #expect(newer.items.first?.sequence == 0)
  }

  @Test("storing costs less than 3 % of a search")
  func cost() async throws {
    // What one CPU second of search tells at its densest: 1,000 evaluations in a slow build, of
    // which 1 in 50 gets a row, a tally for each batch of 20, and the judgements before a claim.
    let recording = try await store.begin(Sample.header())
    let seconds = 4
    for second in 0..<seconds {
      for number in 0..<20 {
        recording.record(.candidate(Sample.candidate("\(second) \(number)"), .progress))
      }
      for number in 0..<50 {
        recording.record(.tally(kind: "kind \(number % 9)", verdict: "stillFailing", count: 20))
      }
      for _ in 0..<3 { recording.record(.judged(Sample.judgement())) }
    }
    try await recording.finish(Sample.report, files: Sample.files)
    let cost = recording.cost
    #expect((cost.handing + cost.writing) / Double(seconds) < 0.03, "\(cost)")
  }
}

/// Waits for a state that comes by itself.
func until(_ holds: () async throws -> Bool) async throws {
  let deadline = ContinuousClock.now + .seconds(20)
  while try await !holds() {
    try #require(ContinuousClock.now < deadline)
    try await Task.sleep(for: .milliseconds(10))
  }
}
