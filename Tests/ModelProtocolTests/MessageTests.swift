import Foundation
import ModelProtocol
import Testing

@Suite("Messages between heal and heal-model")
struct MessageTests {
  private func golden(_ name: String) throws -> [[UInt8]] {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let data = try Data(
      contentsOf: folder.appending(path: "Fixtures/model-protocol/\(name).jsonl")
    )
    return data.split(separator: 0x0a).map { Array($0) }
  }

  @Test("requests come out of the golden lines, and give them again")
  func requests() throws {
    let lines = try golden("requests")
    let requests = try lines.map { try ModelRequest(line: $0) }
    #expect(zip(requests, lines).allSatisfy { $0.line == $1 + [0x0a] })
    #expect(requests == Self.requests)
  }

  @Test("events come out of the golden lines, and give them again")
  func events() throws {
    let lines = try golden("events")
    let events = try lines.map { try ModelEvent(line: $0) }
    #expect(zip(events, lines).allSatisfy { $0.line == $1 + [0x0a] })
    #expect(events == Self.events)
    #expect(events.map(\.isLast) == [false, false, true, true, true, true, true])
  }

  private static let model = ModelReference(
    name: "qwen2.5-coder-1.5b",
    address: ModelAddress(localPort: 1234)
  )

  private static var requests: [ModelRequest] {
    var chat = ChatRequest(
      models: [model],
      messages: [ChatMessage(.system, "Mend."), ChatMessage(.user, "x = \"é\"\n")],
      temperature: 0.4,
      maxTokens: 2000,
      seconds: 45
    )
    var full = chat
    (chat.exhausted, chat.mayLeave) = ([], false)
    (full.exhausted, full.mayLeave, full.samples) = ([1], true, 4)
    (full.schema, full.seed) = (#"{"type":"object"}"#, 7)
    return [
      ModelRequest(id: 1, .configure(ModelSession())),
      ModelRequest(
        id: 2,
        .configure(ModelSession(completionTokens: 20_000, promptTokens: 90_000, seed: .max))
      ),
      ModelRequest(id: 3, .list(addresses: [], seconds: 5)),
      ModelRequest(id: 4, .list(addresses: [model.address], seconds: 2.5)),
      ModelRequest(id: 5, .chat(chat)), ModelRequest(id: 6, .chat(full)),
      ModelRequest(id: 6, .cancel),
    ]
  }

  private static var events: [ModelEvent] {
    let usage = ModelUsage(requests: 2, promptTokens: 90, completionTokens: 12, isEstimated: true)
    let failure = ModelFailure(
      .timedOut,
      "the answer did not come in time",
      remedy: "allow more seconds",
      partial: ["def f"],
      usage: usage
    )
    let gone = ModelFailure(.unreadable, "a page", remedy: "look")
    return [
      ModelEvent(id: 5, .text(sample: 0, "def \u{2028}f\n")),
      ModelEvent(id: 5, .restart(samples: [0, 1], "the connection was lost")),
      ModelEvent(id: 1, .configured),
      ModelEvent(
        id: 3,
        .servers([
          ModelServer(product: "Ollama", address: model.address, models: ["a", "b"]),
          ModelServer(product: nil, address: model.address, failure: gone),
        ])
      ),
      ModelEvent(
        id: 5,
        .answer(
          ChatAnswer(
            model: model,
            samples: [.init(text: "x", finish: .stop), .init(text: "", finish: .length)],
            usage: usage
          )
        )
      ),
      ModelEvent(id: 6, .failure(failure)), ModelEvent(id: nil, .failure(gone)),
    ]
  }

  @Test("no line holds a line end of its own")
  func lines() {
    for event in Self.events { #expect(event.line.count { $0 == 0x0a } == 1) }
    for request in Self.requests { #expect(request.line.count { $0 == 0x0a } == 1) }
  }

  @Test(
    "what is no message is refused with its place",
    arguments: [
      ("", nil, "not JSON"), ("[1]", nil, "wrong type"),
      (#"{"op":"cancel"}"#, nil, "id is missing"),
      (#"{"id":1}"#, 1, "op is missing"), (#"{"id":1,"op":"fly"}"#, 1, "op has a value"),
      (#"{"id":1,"op":"list","addresses":["ftp://x"],"seconds":1}"#, 1, "addresses"),
      (#"{"id":1,"op":"chat","request":{"models":3}}"#, 1, "request"),
      (#"{"id":1,"op":"configure","session":{"seed":-1}}"#, 1, "out of range"),
    ] as [(String, Int?, String)]
  )
  func refused(text: String, id: Int?, words: String) {
    let error = #expect(throws: ModelMessageError.self) {
      try ModelRequest(line: Array(text.utf8))
    }
    #expect(error?.id == id)
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
  }

  @Test("lines come out of pieces of any size, and one that is too long is skipped")
  func splitter() {
    let bytes = Array("ab\n\ncdefgh\nij\nk".utf8)
    for size in 1...bytes.count {
      var splitter = LineSplitter(longest: 4)
      var lines: [[UInt8]?] = []
      for start in stride(from: 0, to: bytes.count, by: size) {
        lines += splitter.feed(bytes[start..<min(start + size, bytes.count)])
      }
      #expect(lines == [Array("ab".utf8), [], nil, Array("ij".utf8)], "\(size)")
    }
  }
}
