import Healing
import HealingModel

/// A place as an array of a path, a line and a column.
struct WirePlace: Encodable {
  var place: SourcePlace

  func encode(to encoder: any Encoder) throws {
    var values = encoder.unkeyedContainer()
    try values.encode(place.path)
    try values.encode(place.line)
    try values.encode(place.column)
  }
}

/// An event of a thread on the wire.
struct WireEvent: Encodable {
  var event: EventPlace

  private enum CodingKeys: String, CodingKey { case place, kind, field, made }

  func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(WirePlace(place: event.place), forKey: .place)
    try values.encode(event.kind.wireName, forKey: .kind)
    try values.encode(event.field, forKey: .field)
    try values.encode(event.made.map(WirePlace.init), forKey: .made)
  }
}

/// What the request `gil` has beside the program.
struct WireLockQuestion: Encodable {
  var pairs: [[WireEvent]]

  init(_ pairs: [Interruption]) {
    self.pairs = pairs.map { [WireEvent(event: $0.after), WireEvent(event: $0.before)] }
  }
}

/// What `gil` answers.
struct WireLockAnswer: Decodable {
  var answers: [Bool?]
}

/// What the request `force` has beside the program.
struct WireForcedPlan: Encodable {
  struct Switch: Encodable {
    var one: ForcedSwitch

    func encode(to encoder: any Encoder) throws {
      var values = encoder.unkeyedContainer()
      for number in [one.thread, one.other, one.count] { try values.encode(number) }
      try values.encode(WireEvent(event: one.after))
      if let before = one.before {
        try values.encode(WireEvent(event: before))
      } else {
        try values.encodeNil()
      }
    }
  }

  var switches: [Switch]
  var order: [Int]
  var calm: Int
  var seconds: Double

  init(_ plan: ForcedPlan) {
    switches = plan.switches.map(Switch.init)
    (order, calm, seconds) = (plan.order, plan.calm, plan.seconds)
  }
}

/// What `force` answers.
struct WireForcedRun: Decodable {
  struct Waiting: Decodable {
    var place: SourcePlace

    init(from decoder: any Decoder) throws {
      var values = try decoder.unkeyedContainer()
      place = SourcePlace(
        path: try values.decode(String.self),
        line: try values.decode(Int.self)
      )
    }
  }

  var end: String
  var exit: Int?
  var stdout: String
  var exceptions: [WireException]
  var waiting: [Waiting]
  var taken: [Int]

  var run: ForcedRun {
    ForcedRun(
      isFinished: end == "finished" ? true : end == "hang" ? false : nil,
      exitStatus: exit,
      output: stdout,
      exceptions: exceptions.map(\.exception),
      waiting: waiting.map(\.place),
      taken: taken
    )
  }
}

extension PythonSchedules {
  /// Whether a thread of a program can lose the interpreter's lock between events; what the agent has
  /// no time for, or cannot do, is not known, and no reason to end the work.
  func canInterrupt(
    _ pairs: [Interruption],
    of program: PythonScheduledProgram
  ) async throws -> [Bool?] {
    let body = try request(WireLockQuestion(pairs), of: program)
    let answer: WireLockAnswer? = try await unlessRefused {
      try await self.withClient { client in
        try await client.request("gil", encoded: body, within: 20)
      }
    }
    guard let answer else { return pairs.map { _ in nil } }
    guard answer.answers.count == pairs.count else {
      throw AgentError.malformedReply("gil: \(answer.answers.count) answers to \(pairs.count)")
    }
    return answer.answers
  }

  /// Runs a program as it is, with pauses.
  func force(_ plan: ForcedPlan, of program: PythonScheduledProgram) async throws -> ForcedRun? {
    let body = try request(WireForcedPlan(plan), of: program)
    let reply: WireForcedRun? = try await unlessRefused {
      try await self.withClient { client in
        try await client.request("force", encoded: body, within: plan.seconds + 20)
      }
    }
    return reply?.run
  }

  private func unlessRefused<Reply: Sendable>(
    _ work: () async throws -> Reply?
  ) async throws -> Reply? {
    do {
      return try await work()
    } catch AgentError.refused {
      return nil
    }
  }
}
