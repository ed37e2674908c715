import Foundation
import ModelProtocol
import Synchronization
import Testing

@testable import LanguageModels

@Suite("Requests to models")
struct ChatTests {
  private func json(_ request: FaultServer.Request) throws -> [String: Any] {
    let value = try JSONSerialization.jsonObject(with: Data(request.body))
    return try #require(value as? [String: Any])
  }

  @Test("what is asked travels as OpenAI's servers want it")
  func payload() async throws {
    let server = try FaultServer { _, _ in .saying(["a", "b"]) }
    try await withClient(key: "sk-0123456789") { client in
      var request = ChatRequest.small(to: server, model: "m/1")
      request.schema = #"{"type":"object"}"#
      request.seed = 5
      let answer = try await client.chat(request).get()
      #expect(answer.samples == [ChatAnswer.Sample(text: "ab", finish: .stop)])
      #expect(answer.model == request.models[0])
      #expect(answer.usage == ModelUsage(requests: 1, promptTokens: 7, completionTokens: 2))
      #expect(client.client.used == answer.usage)
      let sent = try #require(server.requests.first)
      #expect(sent.method == "POST" && sent.path == "/v1/chat/completions")
      #expect(sent.headers["authorization"] == "Bearer sk-0123456789")
      #expect(sent.headers["content-type"] == "application/json")
      let body = try json(sent)
      #expect(body["model"] as? String == "m/1")
      #expect(body["temperature"] as? Double == 0.4)
      #expect(body["max_tokens"] as? Int == 8)
      #expect(body["seed"] as? Int == 5)
      #expect(body["stream"] as? Bool == true)
      #expect(body["n"] == nil)
      let messages = try #require(body["messages"] as? [[String: String]])
      #expect(messages.map { $0["role"] } == ["system", "user"])
      #expect(messages[1]["content"] == "Mend this.")
      let format = try #require(body["response_format"] as? [String: Any])
      #expect(format["type"] as? String == "json_schema")
    }
  }

  @Test("texts are told as they come, and what is void is said before it comes again")
  func events() async throws {
    let server = try FaultServer { _, number in
      number > 0 ? .saying(["x", "y"]) : .head() + .chunk(delta("lost").utf8) + [.close]
    }
    let heard = Mutex<[ModelEvent.Content]>([])
    await withClient { client in
      _ = await client.client.chat(.small(to: server)) { event in
        heard.withLock { $0.append(event) }
      }
    }
    let events = heard.withLock { $0 }
    #expect(events.first == .text(sample: 0, "lost"))
    #expect(events.suffix(2) == [.text(sample: 0, "x"), .text(sample: 0, "y")])
    guard events.count == 4, case .restart([0], let reason) = events[1] else {
      Issue.record("\(events)")
      return
    }
    #expect(reason.contains("lost"))
  }

  @Test("connections are kept from one request to the next")
  func keepAlive() async throws {
    let server = try FaultServer { request, _ in
      request.method == "GET" ? .json(#"{"data":[{"id":"m"}]}"#) : .saying(["a"])
    }
    await withClient { client in
      for _ in 0..<5 { #expect(await client.chat(.small(to: server)).texts == ["a"]) }
      let address = ModelAddress(localPort: server.port)
      let servers = await client.client.servers(at: [address], seconds: patience)
      #expect(servers.map(\.models) == [["m"]])
    }
    #expect(server.connections == 1)
    #expect(server.requests.count == 6)
  }

  @Test("several samples: in one request where the server can, else in several at once")
  func samples() async throws {
    let able = try FaultServer { _, _ in .json(completion(["a", "b", "c"])) }
    let unable = try FaultServer { request, number in
      String(decoding: request.body, as: UTF8.self).contains(#""n":"#) && number > 0
        ? [.close] : .json(completion(["\(number)"]))
    }
    let refusing = try FaultServer { request, _ in
      String(decoding: request.body, as: UTF8.self).contains(#""n":"#)
        ? .json(#"{"error":"only one completion choice"}"#, status: "400 Bad Request")
        : .json(completion(["r"]))
    }
    try await withClient { client in
      for (server, requests): (FaultServer, Int) in [(able, 1), (unable, 3), (refusing, 4)] {
        var request = ChatRequest.small(to: server)
        request.samples = 3
        let answer = try await client.chat(request).get()
        #expect(answer.samples.count == 3)
        #expect(server.requests.count == requests)
        #expect(answer.usage.requests == requests)
        #expect(answer.usage.completionTokens == 9)
        // What the server lacks is not asked for again.
        _ = try await client.chat(request).get()
        #expect(server.requests.count == (requests == 1 ? 2 : requests + 3))
      }
      #expect(
        Set(try await client.chat(changed(.small(to: able))).get().samples.map(\.text)).count == 3
      )
    }
  }

  @Test("samples that are asked for one by one have a seed each")
  func seeds() async throws {
    let server = try FaultServer { _, _ in .json(completion(["a"])) }
    try await withClient { client in
      var request = ChatRequest.small(to: server)
      (request.samples, request.seed) = (3, 5)
      #expect(await client.chat(request).texts?.count == 3)
      let seeds = try server.requests.map { try json($0)["seed"] as? Int ?? 0 }
      #expect(seeds.sorted() == [5, 6, 7])
    }
  }

  private func changed(_ request: ChatRequest) -> ChatRequest {
    var request = request
    request.samples = 3
    return request
  }

  @Test("streamed samples are kept apart")
  func streamedSamples() async throws {
    let server = try FaultServer { _, _ in
      .stream([
        delta("a", sample: 0), delta("b", sample: 1), delta("A", sample: 0),
        finish(sample: 0), delta("B", sample: 1), finish("length", sample: 1),
        "data: [DONE]\n\n",
      ])
    }
    try await withClient { client in
      var request = ChatRequest.small(to: server)
      request.samples = 2
      let answer = try await client.chat(request).get()
      #expect(answer.samples.map(\.text) == ["aA", "bB"])
      #expect(answer.samples.map(\.finish) == [.stop, .length])
      #expect(answer.usage.isEstimated)
      #expect(answer.usage.completionTokens == 4)
    }
  }

  @Test(
    "a request is made again with exponential back-off, jitter from the seed, and no more than 3 times"
  )
  func backOff() async throws {
    let server = try FaultServer { _, _ in .json("{}", status: "503 Busy") }
    var all: [[Double]] = []
    for seed: UInt64 in [1, 1, 2] {
      await withClient { client in
        client.client.configure(ModelSession(seed: seed))
        #expect(await client.chat(.small(to: server)).failure?.kind == .serverError)
        all.append(client.waits)
      }
    }
    #expect(all[0] == all[1] && all[0] != all[2])
    for waits in all {
      try #require(waits.count == 3)
      for (wait, whole) in zip(waits, [0.5, 1, 2]) { #expect((whole / 2...whole).contains(wait)) }
    }
    #expect(server.requests.count == 12)
  }

  @Test("a connection that ends before the answer begins is made again at once, the first time")
  func stale() async throws {
    for (losses, waits) in [(1, 0), (2, 1), (3, 2)] {
      let server = try FaultServer { _, number in number < losses ? [.close] : .saying(["ok"]) }
      await withClient { client in
        #expect(await client.chat(.small(to: server)).texts == ["ok"])
        #expect(client.waits.count == waits)
      }
      #expect(server.requests.count == losses + 1)
    }
  }

  @Test(
    "Retry-After is honoured, in seconds and as a date, and not when it is beyond the time left"
  )
  func retryAfter() async throws {
    for (value, wait): (String, Double?) in [
      ("4", 4), ("Thu, 01 Jan 1970 00:16:47 GMT", 7), ("soon", nil), ("3000", .infinity),
    ] {
      let server = try FaultServer { _, number in
        number > 0
          ? .saying(["ok"])
          : .json("{}", status: "429 Too Many Requests", headers: ["Retry-After: \(value)"])
      }
      await withClient { client in
        let result = await client.chat(.small(to: server))
        if wait == .infinity {
          #expect(result.failure?.kind == .rateLimited)
          #expect(result.failure?.message.contains("for 3000 s") == true)
          #expect(client.waits.isEmpty)
        } else {
          #expect(result.texts == ["ok"], "\(value)")
          #expect(client.waits.count == 1)
          #expect(wait == nil ? client.waits[0] <= 0.5 : client.waits[0] == wait, "\(value)")
        }
      }
    }
  }

  @Test("what a server refuses is left out one by one, remembered, and asked of other servers")
  func features() async throws {
    let lean = try FaultServer { request, _ in
      let body = String(decoding: request.body, as: UTF8.self)
      for word in ["response_format", "stream_options", "seed", "temperature", "max_tokens"]
      where body.contains("\"\(word)\"") {
        let hint = word == "max_tokens" ? "use max_completion_tokens" : "unknown \(word)"
        return .json(#"{"error":{"message":"\#(hint)"}}"#, status: "422 No")
      }
      return .saying(["lean"])
    }
    let full = try FaultServer { _, _ in .saying(["full"]) }
    try await withClient { client in
      var request = ChatRequest.small(to: lean)
      (request.schema, request.seed) = ("{}", 1)
      #expect(await client.chat(request).texts == ["lean"])
      #expect(lean.requests.count == 6)
      #expect(await client.chat(request).texts == ["lean"])
      #expect(lean.requests.count == 7)
      let leanest = try json(try #require(lean.requests.last))
      #expect(leanest["max_completion_tokens"] as? Int == 8)
      request.models = ChatRequest.small(to: full).models
      #expect(await client.chat(request).texts == ["full"])
      let fullest = try json(try #require(full.requests.first))
      #expect(fullest["response_format"] != nil)
    }
  }

  @Test("a request that makes no sense is refused before anything is sent")
  func invalid() async throws {
    let server = try FaultServer { _, _ in .saying(["a"]) }
    await withClient { client in
      for change: @Sendable (inout ChatRequest) -> Void in [
        { $0.maxTokens = 0 }, { $0.maxTokens = .max }, { $0.samples = 0 }, { $0.samples = 65 },
        { $0.messages = [] },
        { $0.seconds = .nan }, { $0.temperature = .infinity }, { $0.schema = "[" },
      ] {
        var request = ChatRequest.small(to: server)
        change(&request)
        #expect(await client.chat(request).failure?.kind == .invalid)
      }
      #expect(server.requests.isEmpty)
      #expect(client.client.used == ModelUsage())
    }
  }
}
