import Foundation
import Healing
import HealingModel
import Testing

@testable import PythonAgent

/// What travels with the requests `gil` and `force`, both ways.
@Suite("The global lock on the wire")
struct WireLockTests {
  private static let folder =
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/../../Fixtures/protocol/"

  /// A member of the golden frame of a request, or of its reply.
  private static func golden(_ request: String, _ member: String) throws -> Any {
    func frames(_ file: String) throws -> [[String: Any]] {
      try String(contentsOfFile: folder + file, encoding: .utf8).split(separator: "\n").map {
        try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:]
      }
    }
    let asked = try #require(
      try frames("requests.jsonl").first { $0["request"] as? String == request }
    )
    guard member == "ok" else { return try #require(asked[member]) }
    let reply = try #require(
      try frames("replies.jsonl").first { $0["id"] as? Int == asked["id"] as? Int }
    )
    return try #require(reply["ok"])
  }

  private static func written(_ value: some Encodable) throws -> NSDictionary {
    let data = try JSONEncoder().encode(value)
    return try #require(try JSONSerialization.jsonObject(with: data) as? NSDictionary)
  }

  private static let place = SourcePlace(path: "racing.py", line: 8, column: 5)
  private static let read = EventPlace(place: place, kind: .read, field: "value")
  private static let write = EventPlace(place: place, kind: .write, field: "value")

  @Test("the golden question is what pairs of events are written as")
  func question() throws {
    let taken = EventPlace(
      place: SourcePlace(path: "racing.py", line: 12, column: 1),
      kind: .acquire,
      made: SourcePlace(path: "racing.py", line: 3, column: 8)
    )
    let question = WireLockQuestion([
      Interruption(after: Self.read, before: Self.write),
      Interruption(after: taken, before: Self.read),
    ])
    let kept = try #require(try Self.golden("gil", "params") as? NSDictionary)
    #expect(try Self.written(question)["pairs"] as? NSArray == kept["pairs"] as? NSArray)
  }

  @Test("the golden plan is what switches are written as")
  func plan() throws {
    let plan = ForcedPlan(
      switches: [
        ForcedSwitch(thread: 1, other: 2, after: Self.read, count: 1, before: Self.write)
      ],
      order: [0, 1, 2],
      calm: 20,
      seconds: 3
    )
    let kept = try #require(try Self.golden("force", "params") as? NSDictionary)
    let written = try Self.written(WireForcedPlan(plan))
    for name in ["switches", "order", "calm", "seconds"] {
      #expect((written[name] as? NSObject) == (kept[name] as? NSObject), "\(name)")
    }
    var open = plan
    open.switches[0].before = nil
    let last = (try Self.written(WireForcedPlan(open))["switches"] as? [[Any]])?.first?.last
    #expect(last is NSNull)
  }

  @Test("the golden answers are read whole")
  func answers() throws {
    let answer = try JSONSerialization.data(withJSONObject: try Self.golden("gil", "ok"))
    #expect(try JSONDecoder().decode(WireLockAnswer.self, from: answer).answers == [false, nil])
    let ended = try JSONSerialization.data(withJSONObject: try Self.golden("force", "ok"))
    let run = try JSONDecoder().decode(WireForcedRun.self, from: ended).run
    #expect(run == ForcedRun(isFinished: true, exitStatus: 0, output: "2\n"))
    let stuck =
      #"{"end":"hang","exit":null,"stdout":"","exceptions":[],"waiting":[["a.py",3]],"#
      + #""taken":[0]}"#
    let read = try JSONDecoder().decode(WireForcedRun.self, from: Data(stuck.utf8)).run
    #expect(read.isFinished == false && read.waiting == [SourcePlace(path: "a.py", line: 3)])
    #expect(read.taken == [0] && read.exitStatus == nil)
  }
}
