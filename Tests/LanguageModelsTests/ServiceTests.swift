import ModelProtocol
import Synchronization
import Testing

@testable import LanguageModels

@Suite("The service behind the lines", .timeLimit(.minutes(10)))
struct ServiceTests {
  /// A conversation with a service: lines go in, events come out.
  private struct Conversation: Sendable {
    let input: AsyncStream<[UInt8]?>.Continuation
    let events: AsyncStream<ModelEvent>

    func send(_ text: String) { input.yield(Array(text.utf8)) }
    func send(_ id: Int, _ operation: ModelRequest.Operation) {
      input.yield(ModelRequest(id: id, operation).line.dropLast())
    }
    /// The next event that is a request's last.
    func last() async -> ModelEvent? { await events.first { $0.isLast } }
  }

  private func converse(
    keyFailure: ModelFailure? = nil,
    _ body: @escaping @Sendable (Conversation) async throws -> Void
  ) async throws {
    let (lines, input) = AsyncStream<[UInt8]?>.makeStream()
    let (events, output) = AsyncStream<ModelEvent>.makeStream()
    try await withClient { client in
      let service = ModelService(client: client.client, keyFailure: keyFailure) { line in
        if let event = try? ModelEvent(line: line.dropLast()) { output.yield(event) }
      }
      try await withThrowingTaskGroup { group in
        group.addTask { await service.run(lines) }
        defer { input.finish() }
        try await body(Conversation(input: input, events: events))
        input.finish()
        try await group.waitForAll()
      }
    }
  }

  @Test("requests are served side by side, each with one last event")
  func sideBySide() async throws {
    let slow = try FaultServer { _, _ in [.hang] }
    let quick = try FaultServer { _, _ in .saying(["q"]) }
    try await converse { service in
      service.send(1, .chat(.small(to: slow)))
      service.send(2, .chat(.small(to: quick)))
      let second = await service.last()
      #expect(second?.id == 2)
      service.send(1, .cancel)
      let first = await service.last()
      #expect(first?.id == 1)
      guard case .failure(let failure)? = first?.content else {
        Issue.record("\(String(describing: first))")
        return
      }
      #expect(failure.kind == .cancelled)
      service.send(1, .configure(ModelSession(completionTokens: 2)))
      #expect(await service.last() == ModelEvent(id: 1, .configured), "the number is free again")
      service.send(3, .chat(.small(to: quick)))
      guard case .answer(let answer)? = await service.last()?.content else {
        Issue.record("no answer")
        return
      }
      #expect(answer.samples.map(\.text) == ["q"])
      #expect(
        quick.requests.last.map { String(decoding: $0.body, as: UTF8.self) }?
          .contains(#""max_tokens":1,"#) == true
      )
    }
  }

  @Test("lines that make no sense are answered, and cost nothing but themselves")
  func nonsense() async throws {
    try await converse { service in
      for (text, id): (String, Int?) in [
        ("", nil), ("{", nil), ("[]", nil), (#"{"id":7,"op":"fly"}"#, 7),
        (#"{"op":"cancel"}"#, nil),
        (#"{"id":8,"op":"list","addresses":["ftp://x"],"seconds":1}"#, 8), ("\u{0}", nil),
        (#"{"id":9,"op":"chat","request":{}}"#, 9), (#"{"id":"x","op":"cancel"}"#, nil),
      ] {
        service.send(text)
        let event = await service.last()
        #expect(event?.id == id, "\(text)")
        guard case .failure(let failure)? = event?.content else {
          Issue.record("\(text): \(String(describing: event))")
          continue
        }
        #expect(failure.kind == .invalid)
      }
      service.input.yield(nil)
      #expect(await service.last()?.id == nil)
      service.send(5, .cancel)
      service.send(4, .configure(ModelSession()))
      #expect(await service.last() == ModelEvent(id: 4, .configured))
    }
  }

  @Test("a number that is taken is refused, and the request that has it goes on")
  func taken() async throws {
    let slow = try FaultServer { _, _ in [.hang] }
    try await converse { service in
      service.send(1, .chat(.small(to: slow)))
      service.send(1, .configure(ModelSession()))
      guard case .failure(let failure)? = await service.last()?.content else {
        Issue.record("not refused")
        return
      }
      #expect(failure.kind == .invalid)
      while slow.requests.isEmpty { await Task.yield() }
    }
    while slow.openConnections > 0 { await Task.yield() }
  }

  @Test("a key that cannot be used is told where one may be needed, and only there")
  func keys() async throws {
    let wrong = ModelFailure(.invalid, "the key file is open to all", remedy: "close it")
    let server = try FaultServer { _, _ in .saying(["a"]) }
    try await converse(keyFailure: wrong) { service in
      service.send(1, .chat(.small(to: server)))
      #expect(await service.last()?.content == .failure(wrong))
      service.send(2, .list(addresses: [ModelAddress(localPort: server.port)], seconds: patience))
      #expect(await service.last()?.content == .failure(wrong))
      service.send(3, .configure(ModelSession()))
      #expect(await service.last()?.content == .configured)
    }
    #expect(server.requests.isEmpty)
  }
}
