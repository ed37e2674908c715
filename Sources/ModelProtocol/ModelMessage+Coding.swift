import Foundation

/// Why a line is no message.
public struct ModelMessageError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The number of the request, where it could be read.
  public var id: Int?
  /// What is wrong.
  public var description: String

  /// Makes an error.
  public init(id: Int? = nil, description: String) {
    self.id = id
    self.description = description
  }
}

/// The longest line that either side takes, in bytes.
public let longestModelMessage = 32 << 20

extension ModelRequest: Codable {
  private enum Key: String, CodingKey {
    case id, op, session, addresses, seconds, request
  }

  private enum Name: String, Codable { case configure, list, chat, cancel }

  /// Reads a request.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    id = try values.decode(Int.self, forKey: .id)
    switch try values.decode(Name.self, forKey: .op) {
    case .configure:
      operation = .configure(try values.decode(ModelSession.self, forKey: .session))
    case .list:
      operation = .list(
        addresses: try values.decode([ModelAddress].self, forKey: .addresses),
        seconds: try values.decode(Double.self, forKey: .seconds)
      )
    case .chat: operation = .chat(try values.decode(ChatRequest.self, forKey: .request))
    case .cancel: operation = .cancel
    }
  }

  /// Writes the request.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(id, forKey: .id)
    switch operation {
    case .configure(let session):
      try values.encode(Name.configure, forKey: .op)
      try values.encode(session, forKey: .session)
    case .list(let addresses, let seconds):
      try values.encode(Name.list, forKey: .op)
      try values.encode(addresses, forKey: .addresses)
      try values.encode(seconds, forKey: .seconds)
    case .chat(let request):
      try values.encode(Name.chat, forKey: .op)
      try values.encode(request, forKey: .request)
    case .cancel: try values.encode(Name.cancel, forKey: .op)
    }
  }
}

extension ModelEvent: Codable {
  private enum Key: String, CodingKey {
    case id, event, sample, samples, text, reason, servers, answer, error
  }

  private enum Name: String, Codable { case text, restart, done, error }

  /// Reads an event.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    id = try values.decodeIfPresent(Int.self, forKey: .id)
    switch try values.decode(Name.self, forKey: .event) {
    case .text:
      content = .text(
        sample: try values.decode(Int.self, forKey: .sample),
        try values.decode(String.self, forKey: .text)
      )
    case .restart:
      content = .restart(
        samples: try values.decode([Int].self, forKey: .samples),
        try values.decode(String.self, forKey: .reason)
      )
    case .error: content = .failure(try values.decode(ModelFailure.self, forKey: .error))
    case .done:
      if let servers = try values.decodeIfPresent([ModelServer].self, forKey: .servers) {
        content = .servers(servers)
      } else if let answer = try values.decodeIfPresent(ChatAnswer.self, forKey: .answer) {
        content = .answer(answer)
      } else {
        content = .configured
      }
    }
  }

  /// Writes the event.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(id, forKey: .id)
    switch content {
    case .text(let sample, let text):
      try values.encode(Name.text, forKey: .event)
      try values.encode(sample, forKey: .sample)
      try values.encode(text, forKey: .text)
    case .restart(let samples, let reason):
      try values.encode(Name.restart, forKey: .event)
      try values.encode(samples, forKey: .samples)
      try values.encode(reason, forKey: .reason)
    case .configured: try values.encode(Name.done, forKey: .event)
    case .servers(let servers):
      try values.encode(Name.done, forKey: .event)
      try values.encode(servers, forKey: .servers)
    case .answer(let answer):
      try values.encode(Name.done, forKey: .event)
      try values.encode(answer, forKey: .answer)
    case .failure(let failure):
      try values.encode(Name.error, forKey: .event)
      try values.encode(failure, forKey: .error)
    }
  }
}

extension ModelRequest {
  /// The request as a line, its end with it.
  public var line: [UInt8] { encodedLine(self) }

  /// Reads a line without its end.
  ///
  /// - Parameter line: The bytes.
  /// - Throws: What is wrong with it.
  public init(line: some Sequence<UInt8>) throws(ModelMessageError) {
    self = try decodedLine(line)
  }
}

extension ModelEvent {
  /// The event as a line, its end with it.
  public var line: [UInt8] { encodedLine(self) }

  /// Reads a line without its end.
  ///
  /// - Parameter line: The bytes.
  /// - Throws: What is wrong with it.
  public init(line: some Sequence<UInt8>) throws(ModelMessageError) {
    self = try decodedLine(line)
  }
}

private struct Numbered: Decodable { var id: Int? }

private func encodedLine(_ message: some Encodable) -> [UInt8] {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  // A number that is not finite has no JSON; then the line is empty, and the other side refuses it.
  return Array((try? encoder.encode(message)) ?? Data()) + [0x0a]
}

private func decodedLine<Message: Decodable>(
  _ line: some Sequence<UInt8>
) throws(ModelMessageError) -> Message {
  let data = Data(line)
  guard data.count <= longestModelMessage else {
    throw ModelMessageError(description: "the message is longer than \(longestModelMessage) bytes")
  }
  do {
    return try JSONDecoder().decode(Message.self, from: data)
  } catch {
    let id = (try? JSONDecoder().decode(Numbered.self, from: data))?.id
    throw ModelMessageError(id: id, description: "the message cannot be read: \(reason(error))")
  }
}

private func reason(_ error: any Error) -> String {
  func place(_ path: [any CodingKey]) -> String {
    path.isEmpty ? "it" : path.map(\.stringValue).joined(separator: ".")
  }
  return switch error {
  case DecodingError.keyNotFound(let key, let context):
    "\(place(context.codingPath + [key])) is missing"
  case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
    "\(place(context.codingPath)) has the wrong type"
  case DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty:
    "\(place(context.codingPath)) has a value that is not allowed"
  default: "it is not JSON, or a number in it is out of range"
  }
}
