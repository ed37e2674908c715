import Foundation
import Healing
import HealingModel

/// Why the agent did not answer a request.
enum AgentError: Error, Hashable, CustomStringConvertible {
  /// Its first frame was no greeting of our protocol.
  case badGreeting(String)
  /// It sent a frame that is none, or one of an unknown shape.
  case malformedReply(String)
  /// It answered with an error.
  case refused(kind: String, message: String)
  /// It ended; what it wrote to standard error last.
  case died(String)
  /// It did not answer in time.
  case timedOut(request: String)

  /// Whether the agent is of no use any more: a program can take it down with itself.
  var isEnd: Bool {
    switch self {
    case .died, .timedOut, .malformedReply: true
    case .badGreeting, .refused: false
    }
  }

  var description: String {
    switch self {
    case .badGreeting(let text): "the agent did not greet: \(text)"
    case .malformedReply(let text): "the agent's answer cannot be read: \(text)"
    case .refused(let kind, let message): "the agent refused (\(kind)): \(message)"
    case .died(let text): text.isEmpty ? "the agent ended" : "the agent ended: \(text)"
    case .timedOut(let request): "the agent did not answer `\(request)` in time"
    }
  }
}

/// A connection to one agent: requests go out and replies come back, one at a time.
///
/// Frames are a 4-byte big-endian length and that many bytes of JSON; see PROTOCOL.md.
actor AgentClient {
  /// The longest frame that either side takes.
  static let frameLimit = 16 << 20

  private let channel: any ChildChannel
  private var lastID = 0
  /// Whether a request is under way; an actor alone would let a second one in at each `await`.
  private var isBusy = false
  private var waiting: [CheckedContinuation<Void, Never>] = []

  /// Waits for the agent's greeting.
  init(over channel: any ChildChannel) async throws {
    self.channel = channel
    do {
      let frame = try await Self.readFrame(from: channel, within: 30)
      let greeting = try JSONDecoder().decode(Greeting.self, from: Data(frame))
      guard greeting.hello.protocol == 1 else {
        throw AgentError.badGreeting("protocol \(greeting.hello.protocol)")
      }
    } catch let error as DecodingError {
      throw AgentError.badGreeting("\(error)")
    } catch let error as ChannelError {
      let text = await channel.standardError()
      await channel.close()
      throw error == .ended ? AgentError.died(text) : AgentError.timedOut(request: "hello")
    }
  }

  /// Sends a request and waits for its reply.
  ///
  /// - Parameters:
  ///   - name: The request's name.
  ///   - parameters: Its parameters.
  ///   - seconds: The time that it may take.
  /// - Returns: The reply.
  /// - Throws: ``AgentError``, or `CancellationError` when the task was cancelled.
  func request<Reply: Decodable>(
    _ name: String,
    _ parameters: some Encodable,
    within seconds: Double
  ) async throws -> Reply {
    try await request(name, encoded: Array(try JSONEncoder().encode(parameters)), within: seconds)
  }

  /// Sends a request whose parameters are a JSON object already, and waits for its reply.
  func request<Reply: Decodable>(
    _ name: String,
    encoded parameters: [UInt8],
    within seconds: Double
  ) async throws -> Reply {
    try await exchange(name, parameters, within: seconds) { frame, id in
      try Self.reply(Reply.self, to: id, in: Data(frame))
    }
  }

  /// Sends a request whose parameters are written already, and reads its reply as the caller knows.
  ///
  /// - Parameters:
  ///   - name: The request's name.
  ///   - parameters: A JSON object.
  ///   - seconds: The time that it may take.
  ///   - read: Reads a frame; nil when it is no reply to the request of this number.
  /// - Returns: The reply.
  /// - Throws: ``AgentError``, or `CancellationError` when the task was cancelled.
  func exchange<Reply>(
    _ name: String,
    _ parameters: [UInt8],
    within seconds: Double,
    read: (_ frame: [UInt8], _ id: Int) throws -> Reply?
  ) async throws -> Reply {
    await takeTurn()
    defer { endTurn() }
    lastID += 1
    let head = #"{"id":\#(lastID),"request":"\#(name)","deadline":\#(seconds),"params":"#
    do {
      try await channel.write(Self.frame(Array(head.utf8) + parameters + [UInt8(ascii: "}")]))
      while true {
        let frame = try await Self.readFrame(from: channel, within: seconds + 5)
        guard let reply = try read(frame, lastID) else { continue }
        return reply
      }
    } catch let error as ChannelError {
      try Task.checkCancellation()
      guard error == .ended else { throw AgentError.timedOut(request: name) }
      throw AgentError.died(await channel.standardError())
    } catch let error as DecodingError {
      throw AgentError.malformedReply("\(name): \(error)")
    }
  }

  private func takeTurn() async {
    guard isBusy else {
      isBusy = true
      return
    }
    await withCheckedContinuation { waiting.append($0) }
  }

  private func endTurn() {
    if waiting.isEmpty {
      isBusy = false
    } else {
      waiting.removeFirst().resume()
    }
  }

  /// Kills the agent with all that it started.
  func close() async { await channel.close() }

  /// The reply in a frame, or nil when the frame is an event or answers an earlier request.
  private static func reply<Reply: Decodable>(
    _: Reply.Type,
    to id: Int,
    in data: Data
  ) throws -> Reply? {
    let envelope = try JSONDecoder().decode(Envelope.self, from: data)
    guard envelope.id == id else { return nil }
    if let error = envelope.error {
      throw AgentError.refused(kind: error.kind, message: error.message)
    }
    guard envelope.isReply else { return nil }
    return try JSONDecoder().decode(Success<Reply>.self, from: data).ok
  }

  private static func frame(_ body: [UInt8]) throws -> [UInt8] {
    guard body.count <= frameLimit else {
      throw AgentError.refused(
        kind: "oversized",
        message: "a request of \(body.count) bytes is over the limit"
      )
    }
    return withUnsafeBytes(of: UInt32(body.count).bigEndian) { Array($0) } + body
  }

  private static func readFrame(
    from channel: any ChildChannel,
    within seconds: Double
  ) async throws -> [UInt8] {
    let header = try await channel.read(exactly: 4, within: seconds)
    let length = header.reduce(0) { $0 << 8 | Int($1) }
    guard (1...frameLimit).contains(length) else {
      throw AgentError.malformedReply("a frame of \(length) bytes")
    }
    return try await channel.read(exactly: length, within: seconds)
  }
}

private struct Greeting: Decodable {
  struct Hello: Decodable {
    var `protocol`: Int
    var python: String
  }
  var hello: Hello
}

private struct Envelope: Decodable {
  struct Failure: Decodable {
    var kind: String
    var message: String
  }
  var id: Int
  var error: Failure?
  var isReply: Bool

  private enum CodingKeys: String, CodingKey { case id, error, ok }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    id = try container.decodeIfPresent(Int.self, forKey: .id) ?? 0
    error = try container.decodeIfPresent(Failure.self, forKey: .error)
    isReply = container.contains(.ok)
  }
}

private struct Success<Reply: Decodable>: Decodable {
  var ok: Reply
}
