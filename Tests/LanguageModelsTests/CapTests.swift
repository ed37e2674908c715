import Foundation
import HealingModel
import ModelProtocol
import Testing

@testable import LanguageModels

@Suite("Caps and the order of models")
struct CapTests {
  /// A server that generates as many tokens as it is allowed.
  private func greedy(obedient: Bool = true) throws -> FaultServer {
    try FaultServer { request, _ in
      let body = try? JSONSerialization.jsonObject(with: Data(request.body)) as? [String: Any]
      let allowed = body?["max_tokens"] as? Int ?? 0
      let words = [String](repeating: "x", count: obedient ? allowed : 1000)
      return .stream(
        words.map { delta($0) } + [finish("length"), usage(7, words.count), "data: [DONE]\n\n"]
      )
    }
  }

  @Test("the tokens of a session are honoured exactly")
  func exact() async throws {
    let server = try greedy()
    await withClient { client in
      client.client.configure(ModelSession(completionTokens: 20))
      var asked: [Int] = []
      for expected in [8, 8, 4] {
        let result = await client.chat(.small(to: server))
        #expect(result.texts == [String(repeating: "x", count: expected)])
        asked.append(expected)
      }
      #expect(client.client.used.completionTokens == 20)
      let failure = await client.chat(.small(to: server)).failure
      #expect(failure?.kind == .tokenCap)
      #expect(server.requests.count == 3, "nothing is sent when nothing is left")
    }
  }

  @Test("requests side by side do not pass the cap together", arguments: 1..<20)
  func together(cap: Int) async throws {
    let server = try greedy()
    await withClient { client in
      client.client.configure(ModelSession(completionTokens: cap))
      await withTaskGroup { group in
        for _ in 0..<4 { group.addTask { _ = await client.chat(.small(to: server)) } }
      }
      #expect(client.client.used.completionTokens <= cap)
      while await client.chat(.small(to: server)).failure == nil {}
      #expect(client.client.used.completionTokens == cap)
    }
  }

  @Test("a server that does not keep to the bound is cut there")
  func disobedient() async throws {
    let server = try greedy(obedient: false)
    try await withClient { client in
      let answer = try await client.chat(.small(to: server)).get()
      #expect(answer.samples == [ChatAnswer.Sample(text: "xxxxxxxx", finish: .length)])
      #expect(answer.usage.completionTokens == 8)
      #expect(answer.usage.isEstimated)
    }
  }

  @Test("a prompt that is larger than what is left is not sent")
  func prompts() async throws {
    let server = try greedy()
    await withClient { client in
      client.client.configure(ModelSession(promptTokens: 40))
      var request = ChatRequest.small(to: server)
      #expect(await client.chat(request).failure == nil)
      request.messages.append(ChatMessage(.user, String(repeating: "long ", count: 100)))
      #expect(await client.chat(request).failure?.kind == .tokenCap)
      #expect(server.requests.count == 1)
    }
  }

  @Test("what failed tries used up counts, and is told with the failure")
  func failures() async throws {
    let server = try FaultServer { _, _ in
      .head() + .chunk((delta("a") + delta("b")).utf8) + [.close]
    }
    await withClient { client in
      let failure = await client.chat(.small(to: server)).failure
      #expect(failure?.partial == ["ab"])
      #expect(failure?.usage.requests == 4)
      #expect(failure?.usage.completionTokens == 8)
      #expect(failure?.usage.isEstimated == true)
      #expect(client.client.used == failure?.usage)
    }
  }

  @Test("grants and settlements of any order keep the sum below the cap", arguments: 0..<50)
  func ledger(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let ledger = TokenLedger()
    let cap = Int.random(in: 1...200, using: &generator)
    ledger.configure(ModelSession(completionTokens: cap))
    var open: [TokenLedger.Grant] = []
    for _ in 0..<100 {
      if Bool.random(using: &generator), let grant = open.popLast() {
        let used = Int.random(in: 0...(grant.samples * grant.tokensEach), using: &generator)
        ledger.settle(grant, ModelUsage(requests: 1, completionTokens: used))
      } else if let grant = ledger.grant(
        samples: Int.random(in: 1...5, using: &generator),
        tokensEach: Int.random(in: 1...60, using: &generator),
        promptTokens: 3
      ) {
        #expect(grant.samples > 0 && grant.tokensEach > 0)
        open.append(grant)
      }
      let granted = open.reduce(0) { $0 + $1.samples * $1.tokensEach }
      #expect(ledger.used.completionTokens + granted <= cap)
    }
  }

  @Test("the next model is asked when one is dead, and only then")
  func hybrid() async throws {
    let dead = try FaultServer { _, _ in .json("{}", status: "500 No") }
    let gone = try FaultServer { _, _ in [] }
    gone.stop()
    let good = try FaultServer { _, _ in .saying(["good"]) }
    let unwilling = try FaultServer { _, _ in
      .json(#"{"choices":[{"message":{"refusal":"no"}}]}"#)
    }
    try await withClient { client in
      let answer = try await client.chat(.small(to: [gone, dead, good])).get()
      #expect(answer.samples.map(\.text) == ["good"])
      #expect(answer.model.address.port == good.port)
      #expect(answer.usage.requests >= 5)
      #expect(await client.chat(.small(to: [good, dead])).texts == ["good"])
      #expect(dead.requests.count == 4, "not asked when the first one answers")
      #expect(await client.chat(.small(to: [unwilling, good])).failure?.kind == .refusal)
      var request = ChatRequest.small(to: [good, unwilling])
      request.exhausted = [1]
      #expect(await client.chat(request).texts == ["good"])
      request.exhausted = [0, 1]
      #expect(await client.chat(request).failure?.kind == .exhausted)
      let failure = await client.chat(.small(to: [gone, dead])).failure
      #expect(failure?.kind == .serverError)
      #expect(failure?.message.hasPrefix("fault at http://127.0.0.1:\(dead.port)") == true)
    }
  }

  @Test("nothing is sent to another machine unless it is allowed")
  func permission() async throws {
    let dead = try FaultServer { _, _ in .json("{}", status: "401 No") }
    try await withClient { client in
      var request = ChatRequest.small(to: dead)
      let remote = try #require(ModelAddress("https://models.invalid/v1"))
      request.models.insert(ModelReference(name: "big", address: remote), at: 0)
      #expect(await client.chat(request).failure?.kind == .unauthorized)
      #expect(dead.requests.count == 1, "the local one first, whatever the order")
      request.exhausted = [1]
      let failure = await client.chat(request).failure
      #expect(failure?.kind == .needsPermission)
      #expect(failure?.message.contains("https://models.invalid:443") == true)
    }
  }
}
