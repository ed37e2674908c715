import Foundation
import ModelProtocol
import Synchronization
import Testing

@testable import LanguageModels

/// The server that `./test --model` names; nil when there is none.
private let real: ModelReference? = {
  let environment = ProcessInfo.processInfo.environment
  guard let name = environment["HEAL_TEST_MODEL"], let url = environment["HEAL_TEST_BASE_URL"],
    let address = ModelAddress(url)
  else { return nil }
  return ModelReference(name: name, address: address)
}()

/// The client against a server that runs a real model: what scripts of ours cannot show.
@Suite("a real model and the client", .enabled(if: real != nil), .serialized)
struct RealModelTests {
  private func request(_ text: String, tokens: Int = 24) throws -> ChatRequest {
    ChatRequest(
      models: [try #require(real)],
      messages: [
        ChatMessage(.system, "You answer in a few words."), ChatMessage(.user, text),
      ],
      temperature: 0,
      maxTokens: tokens,
      seconds: patience
    )
  }

  @Test("a real model is listed by its server")
  func listed() async throws {
    let model = try #require(real)
    try await withClient { client in
      let servers = await client.client.servers(at: [model.address], seconds: patience)
      let first = try #require(servers.first)
      #expect(first.models.contains(model.name), "\(servers)")
    }
  }

  @Test("a real model streams its answer, and its server counts the tokens")
  func streams() async throws {
    let pieces = Mutex<[String]>([])
    try await withClient { client in
      let answer = try await client.client.chat(try request("Count from 1 to 9.")) { event in
        if case .text(_, let text) = event { pieces.withLock { $0.append(text) } }
      }.get()
      let texts = pieces.withLock { $0 }
      #expect(texts.count > 1)
      #expect(texts.joined() == answer.samples.first?.text)
      #expect(!answer.usage.isEstimated)
      #expect((1...24).contains(answer.usage.completionTokens))
      #expect(answer.usage.promptTokens > 5)
    }
  }

  @Test("a real model is held to a schema")
  func schema() async throws {
    try await withClient { client in
      var request = try request("Give a name and a number.", tokens: 200)
      request.schema = #"""
        {"type":"object","properties":{"name":{"type":"string","maxLength":12},
        "number":{"type":"integer","minimum":0,"maximum":99}},"required":["name","number"],
        "additionalProperties":false}
        """#
      let text = try #require(await client.chat(request).texts?.first)
      let value = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
      #expect(value?["number"] is Int && value?["name"] is String, "\(text)")
    }
  }

  @Test("a real model gives several samples, and the caps of the session hold exactly")
  func samples() async throws {
    try await withClient { client in
      client.client.configure(ModelSession(completionTokens: 20))
      var request = try request("Write a long story.", tokens: 6)
      (request.samples, request.temperature, request.seed) = (2, 1, 3)
      let answer = try await client.chat(request).get()
      #expect(answer.samples.count == 2)
      #expect(answer.usage.completionTokens <= 12)
      request.samples = 1
      while await client.chat(request).failure == nil {}
      #expect(client.client.used.completionTokens == 20)
      #expect(await client.chat(request).failure?.kind == .tokenCap)
    }
  }

  @Test("a real model that is no longer wanted is ended, and answers the next question")
  func cancelled() async throws {
    try await withClient { client in
      let long = try request("Write a very long story about a herb.", tokens: 2000)
      let (heard, signal) = AsyncStream<Void>.makeStream()
      let failure = await withTaskGroup(of: ModelFailure?.self) { group in
        group.addTask { await client.client.chat(long) { _ in signal.yield() }.failure }
        for await _ in heard { break }
        group.cancelAll()
        return await group.next() ?? nil
      }
      #expect(failure?.kind == .cancelled)
      let next = try await client.chat(try request("Say yes.")).get()
      #expect(next.samples.count == 1)
    }
  }
}
