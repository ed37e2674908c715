import ModelProtocol
import Testing

@testable import LanguageModels

/// Whatever a server does, a request ends as it must, and the client answers on.
@Suite("Faults of servers", .timeLimit(.minutes(20)))
struct FaultTests {
  @Test("the client survives 100 % of the fault server's cases, and goes on answering after each")
  func survives() async throws {
    var survived = 0
    try await withClient { client in
      for fault in FaultCase.all where try await survives(fault, client) { survived += 1 }
    }
    #expect(FaultCase.all.count >= 60)
    #expect(survived == FaultCase.all.count, "\(survived) of \(FaultCase.all.count) survived")
  }

  private func survives(_ fault: FaultCase, _ client: TestClient) async throws -> Bool {
    let server = try FaultServer { request, number in
      String(decoding: request.body, as: UTF8.self).contains("healthy")
        ? .saying(["fine"]) : fault.script(number)
    }
    defer { server.stop() }
    var request = ChatRequest.small(to: server)
    request.seconds = fault.seconds
    fault.changes(&request)
    let result = await client.chat(request)
    let end: FaultCase.End =
      switch result {
      case .success(let answer):
        .answer(answer.samples.first?.text ?? "", answer.samples.first?.finish ?? .stop)
      case .failure(let failure): .failure(failure.kind, partial: failure.partial)
      }
    #expect(end == fault.end, "\(fault): \(result)")
    let after = await client.chat(.small(to: server, model: "healthy"))
    #expect(after.texts == ["fine"], "after \(fault): \(after)")
    #expect(server.sent < 32 << 20, "\(fault): the connection was ended at the cap")
    return end == fault.end && after.texts == ["fine"]
  }

  @Test("every failure says what happened and what to do, in one sentence")
  func words() async throws {
    try await withClient { client in
      for fault in FaultCase.statuses + FaultCase.oddAnswers {
        let server = try FaultServer { _, number in fault.script(number) }
        defer { server.stop() }
        guard let failure = await client.chat(.small(to: server)).failure else { continue }
        #expect(failure.message.count > 10 && failure.remedy.count > 5, "\(fault)")
        #expect(!failure.description.contains("\n") && !failure.description.contains("Optional"))
      }
    }
  }

  @Test("the server's own words are told, on one line and without control characters")
  func said() async throws {
    let server = try FaultServer { _, _ in
      .json(
        #"{"error":{"message":"no\n\u001b[31mluck \#(String(repeating: "x", count: 999))"}}"#,
        status: "409 Conflict"
      )
    }
    try await withClient { client in
      let failure = try #require(await client.chat(.small(to: server)).failure)
      #expect(failure.message.contains("no [31mluck xxx"))
      #expect(failure.message.count < 400)
    }
  }

  @Test("a redirect is not followed, not even with the key to a server on another port")
  func redirect() async throws {
    let other = try FaultServer { _, _ in .saying(["stolen"]) }
    let server = try FaultServer { [url = other.url] _, _ in
      .json("", status: "307 Temporary Redirect", headers: ["Location: \(url)/x?secret=1"])
    }
    try await withClient(key: "sk-0123456789") { client in
      let failure = try #require(await client.chat(.small(to: server)).failure)
      #expect(failure.kind == .redirected)
      #expect(failure.message.contains("http://127.0.0.1:\(other.port)"))
      #expect(!failure.description.contains("secret"))
      #expect(other.requests.isEmpty)
    }
  }

  @Test("nobody listens: told at once, without retries")
  func nobody() async throws {
    let server = try FaultServer { _, _ in [] }
    server.stop()
    try await withClient { client in
      let failure = try #require(await client.chat(.small(to: server)).failure)
      #expect(failure.kind == .unreachable, "\(failure)")
      #expect(failure.message.contains("\(server.port)"))
      #expect(client.waits.isEmpty)
    }
  }

  @Test("a request ends within a second of its time, whatever the server does")
  func onTime() async throws {
    var over = Duration.seconds(60)
    // The best of ten: a machine that stands still for a moment is no fault of the client.
    for _ in 0..<10 where over >= .seconds(1) {
      let server = try FaultServer { _, _ in .head() + .chunk(delta("a").utf8) + [.hang] }
      defer { server.stop() }
      await withClient { client in
        var request = ChatRequest.small(to: server)
        request.seconds = 0.25
        let began = ContinuousClock.now
        let result = await client.chat(request)
        #expect(result.failure?.kind == .timedOut)
        over = min(over, ContinuousClock.now - began - .seconds(0.25))
      }
    }
    #expect(over < .seconds(1))
    #expect(over > .zero, "it waited for all of its time")
  }

  @Test("a request ends when its task is cancelled, and the connection with it")
  func cancelled() async throws {
    let server = try FaultServer { _, _ in .head() + .chunk(delta("a").utf8) + [.hang] }
    await withClient { client in
      let (heard, signal) = AsyncStream<Void>.makeStream()
      let request = ChatRequest.small(to: server)
      let failure = await withTaskGroup(of: ModelFailure?.self) { group in
        group.addTask {
          await client.client.chat(request) { _ in signal.yield() }.failure
        }
        for await _ in heard { break }
        group.cancelAll()
        return await group.next() ?? nil
      }
      #expect(failure?.kind == .cancelled)
      #expect(failure?.partial == ["a"])
      while server.openConnections > 0 { await Task.yield() }
    }
  }
}
