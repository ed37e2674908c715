import Foundation
import Healing
import HealingModel
import Testing

@testable import PythonAgent

/// What travels with the request `schedule`, both ways.
@Suite("Schedules on the wire")
struct WireScheduleTests {
  private static let folder =
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/../../Fixtures/protocol/"

  /// The golden frame with the id of the request `schedule`.
  private static func golden(_ file: String, _ request: String = "schedule") throws -> [UInt8] {
    let requests = try String(contentsOfFile: folder + "requests.jsonl", encoding: .utf8)
    let line = try #require(
      requests.split(separator: "\n").first { $0.contains("\"request\":\"\(request)\"") }
    )
    let id = try #require(line.firstMatch(of: /"id":(\d+)/)).1
    let text = try String(contentsOfFile: folder + file, encoding: .utf8)
    return Array(
      try #require(text.split(separator: "\n").first { $0.hasPrefix("{\"id\":\(id),") }).utf8
    )
  }

  /// The runs of a reply's frame.
  private static func runs(_ frame: [UInt8], of count: Int = 2) throws -> ScheduledRuns? {
    var reader = WireReader(frame)
    var runs: ScheduledRuns?
    try reader.object { reader, name in
      if name == "ok" {
        runs = try WireScheduleReply(&reader).runs(of: count)
      } else {
        try reader.skip()
      }
    }
    try reader.finish()
    return runs
  }

  /// A reply with one run, which has `members` beside what each must have.
  private static func reply(_ members: String, tables: String = table) -> [UInt8] {
    Array(
      #"{"ok":{"results":[{"index":0,"table":0,"end":"completed","choices":[0,2,1,3],"#.utf8
    )
      + Array(#""exit":0,"stdout":"","shared":[],"threads":["MainThread","T"]\#(members)}],"#.utf8)
      + Array(#""tables":[\#(tables)],"cpu":0.5}}"#.utf8)
  }

  private static let table = #"{"places":[["a.py",3,5],["",0,0]],"names":["value","7","lock"]}"#

  @Test("the golden answer is read whole")
  func goldenReply() throws {
    let runs = try #require(try Self.runs(try Self.golden("replies.jsonl")))
    #expect(runs.executions.count == 2)
    let second = runs.executions[1]
    #expect(second.end == .completed && second.output == "2\n" && second.exitStatus == 0)
    #expect(second.choices.threads == [0, 0, 1, 2, 2, 2, 2, 1, 1, 1, 0, 0])
    #expect(second.threads.count == 3)
    let trace = try #require(second.trace)
    #expect(trace.events.count == second.choices.count)
    #expect(trace.events.map(\.thread) == second.choices.threads)
    let read = try #require(trace.events.first { $0.kind == .read })
    #expect(trace.object(read)?.key == "globals of racing.py")
    #expect(trace.text(read.field) == "value")
    #expect(read.value.flatMap(trace.text) == "0")
    #expect(trace.place(of: read) == SourcePlace(path: "racing.py", line: 8, column: 5))
    #expect(trace.choices[read.choice].ready == [1, 2])
  }

  @Test("the golden request is what the batch is written as")
  func goldenRequest() throws {
    let golden = try #require(
      try JSONSerialization.jsonObject(with: Data(try Self.golden("requests.jsonl")))
        as? [String: Any]
    )
    let kept = try #require(golden["params"] as? [String: Any])
    let batch = ScheduleBatch(
      schedules: [
        Schedule(),
        Schedule(prefix: ThreadRuns([0, 0, 1, 2, 2]), policy: .random(seed: 3)),
        Schedule(policy: .priorities(seed: .max, depth: 2, length: 9)),
      ],
      shared: ["globals of racing.py\tvalue"],
      detail: .values,
      limits: ScheduleLimits(steps: 1000),
      seconds: 30
    )
    let run = WireRun(
      argv: ["racing.py"],
      limits: WireRun.Limits(wall: 1, cpu: 1, memory: 1, output: 1)
    )
    let encoded = WireScheduleRequest(
      program: try WireScheduleRequest.program(run: run, files: ["racing.py": "1\n"]),
      batch: batch
    ).encoded
    let written = try #require(
      try JSONSerialization.jsonObject(with: Data(encoded)) as? [String: Any]
    )
    #expect(Set(kept.keys) == Set(written.keys))
    for name in ["shared", "events", "values", "isolation", "timing"] {
      #expect("\(kept[name] ?? "")" == "\(written[name] ?? "none")", "\(name)")
    }
    let schedules = try #require(written["schedules"] as? [[String: Any]])
    #expect(schedules[1]["prefix"] as? [Int] == [0, 2, 1, 1, 2, 2])
    #expect(schedules[0]["policy"] as? String == "continue")
    #expect(schedules[2]["seed"] as? UInt64 == .max && schedules[2]["policy"] as? String == "pct")
  }

  /// The recorded run of a reply's frame.
  private static func recordedRun(_ frame: [UInt8]) throws -> RecordedRun? {
    var reader = WireReader(frame)
    var run: RecordedRun?
    try reader.object { reader, name in
      if name == "ok" {
        run = try WireScheduleReply(&reader).recordedRun()
      } else {
        try reader.skip()
      }
    }
    return run
  }

  @Test("the golden answer to a recording is read whole")
  func goldenRecording() throws {
    let run = try #require(try Self.recordedRun(try Self.golden("replies.jsonl", "record")))
    let trace = try #require(run.execution.trace)
    #expect(run.execution.end == .hang && run.execution.threads.count == 2)
    #expect(run.times.count == trace.events.count && run.times == run.times.sorted())
    #expect(run.execution.leaks == [LockLeak(thread: 1, lock: "lock")])
    let taken = try #require(trace.events.first { $0.kind == .acquire })
    #expect(trace.object(taken)?.made.path == "recorded.py")
  }

  @Test("the golden request of a recording is what its limits are written as")
  func goldenRecordRequest() throws {
    let golden = try #require(
      try JSONSerialization.jsonObject(with: Data(try Self.golden("requests.jsonl", "record")))
        as? [String: Any]
    )
    let kept = try #require(golden["params"] as? [String: Any])
    let run = WireRun(
      argv: ["recorded.py"],
      limits: WireRun.Limits(wall: 1, cpu: 1, memory: 1, output: 1)
    )
    let encoded = WireRecordRequest(
      program: try WireScheduleRequest.program(run: run, files: ["recorded.py": "1\n"]),
      limits: RecordingLimits(wall: 20, events: 1000)
    ).encoded
    let written = try #require(
      try JSONSerialization.jsonObject(with: Data(encoded)) as? [String: Any]
    )
    #expect(Set(kept.keys) == Set(written.keys))
    #expect(kept["limits"] as? [String: Double] == written["limits"] as? [String: Double])
  }

  @Test("a recording whose times do not fit its events is refused")
  func timesOfRecording() throws {
    let event = #","events":{"rows":[0,16,0,-1,0,0,0],"sets":[[[],[]]],"objects":[]}"#
    let cut = #","times":[5],"cut":"events""#
    let good = try #require(try Self.recordedRun(Self.reply(event + cut)))
    #expect(good.times == [5] && good.cut == "events" && good.cpu == 0.5)
    for times in ["[]", "[5,6]", "[-1]"] {
      #expect(throws: AgentError.self) {
        try Self.recordedRun(Self.reply(event + #","times":\#(times)"#))
      }
    }
  }

  @Test("who waits, leaks, exceptions and limits are read")
  func stuck() throws {
    let runs = try Self.runs(
      Self.reply(
        #","blocked":[{"thread":1,"kind":"ACQUIRE","object":2,"place":0,"holder":0,"holds":[2],"call":"Queue.get"}],"#
          + #""cycle":[0,1],"leaks":[[1,2]],"assumed":[4],"bounded":true,"limits":["a socket"],"#
          + #""exceptions":[{"thread":1,"type":"E","message":"\u00e4\n","frames":[]}]"#
      ),
      of: 1
    )
    let one = try #require(runs?.executions.first)
    #expect(
      one.blocked == [
        BlockedThread(
          thread: 1,
          kind: .acquire,
          object: "lock",
          place: SourcePlace(path: "a.py", line: 3, column: 5),
          holder: 0,
          holds: ["lock"],
          call: "Queue.get"
        )
      ]
    )
    #expect(one.cycle == [0, 1] && one.leaks == [LockLeak(thread: 1, lock: "lock")])
    #expect(one.assumed == [4] && one.isBounded && one.limits == ["a socket"])
    #expect(one.exceptions.first?.exception.message == "ä\n" && one.exceptions.first?.thread == 1)
    #expect(runs?.cpu == 0.5)
  }

  @Test(
    "a reply that does not hold together is refused",
    arguments: [
      #","index":1"#, #","end":"well""#, #","choices":[0]"#, #","choices":[2,1]"#,
      #","choices":[0,0]"#, #","choices":[0,1.5]"#, #","choices":[-1,1]"#, #","cycle":[2]"#,
      #","assumed":[5]"#, #","leaks":[[1,3]]"#, #","leaks":[[1]]"#, #","threads":"T""#,
      #","blocked":[{"thread":1,"kind":"FLY","object":2,"place":0,"holds":[]}]"#,
      #","blocked":[{"thread":1,"kind":"JOIN","object":2,"place":2,"holds":[]}]"#,
      #","exceptions":[{"type":"E"}]"#, #","stdout":7"#, #","exit":true"#,
      #","events":{"rows":[0,1,0,-1,0,0],"sets":[[[0],[]]],"objects":[]}"#,
      #","events":{"rows":[-1,1,0,-1,0,0,0],"sets":[[[0],[]]],"objects":[]}"#,
      #","events":{"rows":[0,18,0,-1,0,0,0],"sets":[[[0],[]]],"objects":[]}"#,
      #","events":{"rows":[0,5,1,-1,0,0,0],"sets":[[[0],[]]],"objects":[]}"#,
      #","events":{"rows":[0,1,0,3,0,0,0],"sets":[[[0],[]]],"objects":[]}"#,
      #","events":{"rows":[0,1,0,-1,2,0,0],"sets":[[[0],[]]],"objects":[]}"#,
      #","events":{"rows":[0,1,0,-1,0,1,0],"sets":[[[0],[]]],"objects":[]}"#,
      #","events":{"rows":[0,1,0,-1,0,0,4],"sets":[[[0],[]]],"objects":[]}"#,
      #","events":{"rows":[0,1,0,-1,0,0,0],"sets":[[[2],[]]],"objects":[]}"#,
      #","events":{"rows":[0,1,0,-1,0,0,0],"sets":[[[0]]],"objects":[]}"#,
      #","events":{"rows":[0,5,1,0,0,0,0],"sets":[[[0],[]]],"objects":[1,0,9,0]}"#,
      #","events":{"rows":[0,5,1,0,0,0,0],"sets":[[[0],[]]],"objects":[1,0,0]}"#,
    ]
  )
  func incoherent(members: String) {
    #expect(throws: AgentError.self) { try Self.runs(Self.reply(members), of: 1) }
  }

  @Test("what the last member of an incoherent reply would be is fine when it is coherent")
  func coherent() throws {
    let members = #","events":{"rows":[0,5,1,0,0,0,2],"sets":[[[0],[1]]],"objects":[1,0,2,0]}"#
    let one = try #require(try Self.runs(Self.reply(members), of: 1)?.executions.first)
    #expect(one.trace?.events.first?.value == 1)
    #expect(one.trace?.choices == [ThreadChoice(ready: [0], timed: [1])])
  }

  @Test("bytes changed, lost and doubled at random never trap", arguments: 0..<40)
  func fuzz(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let frame = try Self.golden("replies.jsonl")
    let signs = Array("[]{}\",:-019".utf8)
    for _ in 0..<25 {
      var bytes = frame
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(signs[place % signs.count], at: place)
        default: bytes.removeSubrange(place..<min(bytes.count, place + 9))
        }
      }
      do {
        _ = try Self.runs(bytes)
      } catch {
        #expect(error is AgentError, "\(error)")
      }
    }
  }
}

@Suite("Reading JSON")
struct WireReaderTests {
  @Test(
    "texts are what another decoder makes of them",
    arguments: [
      #""""#, #""a""#, #""\"\\\/\b\f\n\r\t""#, #""\u00e9\ud83d\ude00""#, "\"\u{e9}\u{1f600}\"",
    ]
  )
  func texts(json: String) throws {
    var reader = WireReader(Array(json.utf8))
    let text = try reader.string()
    try reader.finish()
    #expect(text == (try JSONDecoder().decode(String.self, from: Data(json.utf8))))
  }

  @Test(
    "what is no JSON is refused",
    arguments: [
      "", "{", "[1,]", "[1 2]", "{\"a\" 1}", "{a:1}", "\"a", "\"\\q\"", "\"a\nb\"", "01", "-",
      "tru", "nul", "1 2", "[1", "+1", String(repeating: "[", count: 100),
    ]
  )
  func refused(json: String) {
    #expect(throws: AgentError.self) {
      var reader = WireReader(Array(json.utf8))
      try reader.skip()
      try reader.finish()
    }
  }

  @Test(
    "numbers",
    arguments: [("0", 0), ("-7", -7), (" 123456789012345678 ", 123_456_789_012_345_678)]
  )
  func numbers(json: String, number: Int) throws {
    var reader = WireReader(Array(json.utf8))
    #expect(try reader.integer() == number)
    try reader.finish()
  }

  @Test(
    "numbers that are none, or too long",
    arguments: ["1.5", "1e3", "01", "9999999999999999999", "x"]
  )
  func wrongNumbers(json: String) {
    #expect(throws: AgentError.self) {
      var reader = WireReader(Array(json.utf8))
      _ = try reader.integer()
    }
  }
}
