import ModelProtocol
import Synchronization
import Testing

@testable import heal

/// `heal model` with fakes behind it, and heal's half of the connection to `heal-model`.
@Suite("Model command")
struct ModelCommandTests {
  private let local = ModelAddress(localPort: 1234)
  private let gone = ModelFailure(.unreachable, "no server answers", remedy: "start it")

  private func world(
    _ servers: [ModelServer],
    asked: @escaping @Sendable ([ModelAddress]) -> Void = { _ in }
  ) throws -> FakeWorld {
    var world = try FakeWorld()
    world.models = { () throws(CommandError) in
      ModelLink(
        send: { operation in
          AsyncStream { continuation in
            if case .list(let addresses, _) = operation {
              asked(addresses)
              continuation.yield(.servers(servers))
            }
            continuation.finish()
          }
        },
        close: {}
      )
    }
    return world
  }

  @Test("servers and models are listed, and what would be used")
  func listing() async throws {
    let servers = [
      ModelServer(product: "LM Studio", address: local, models: ["nomic-embed", "qwen"]),
      ModelServer(product: "Ollama", address: ModelAddress(localPort: 11_434), models: ["qwen"]),
    ]
    let world = try world(servers)
    #expect(await world.run("model") == 0)
    #expect(
      world.play.out == """
        LM Studio  http://127.0.0.1:1234/v1
          nomic-embed
          qwen  (used)
        Ollama  http://127.0.0.1:11434/v1
          qwen

        """
    )
    let asJSON = try self.world(servers)
    #expect(await asJSON.run("model", "--json", "--model", "nomic-embed") == 0)
    let json = try asJSON.json()
    #expect(try JSONSchema("heal-model-1.json").violations(of: json) == [])
    #expect(json["used"]?["model"] == "nomic-embed")
    #expect(json["used"]?["local"] == true)
    #expect(json["error"] == .null)
  }

  @Test("no model is a lack of the environment, told with what to do")
  func nothing() async throws {
    let lists: [([ModelServer], String)] = [
      ([], "on the usual ports"),
      ([ModelServer(product: nil, address: local, failure: gone)], "start it"),
      ([ModelServer(product: "vLLM", address: local, models: ["a"])], "no server has the model b"),
    ]
    for (servers, words) in lists {
      let world = try world(servers)
      #expect(await world.run("model", "--json", "--model", "b") == 3)
      #expect(world.play.err.contains(words), "\(world.play.err)")
      let json = try world.json()
      #expect(try JSONSchema("heal-model-1.json").violations(of: json) == [])
      #expect(json["used"] == .null && json["error"]?["kind"] == "environment")
    }
  }

  @Test("a base URL is the only server that is asked; one that makes no sense is a usage error")
  func baseURL() async throws {
    let asked = Mutex<[[ModelAddress]]>([])
    let far = try #require(ModelAddress("https://far.example/v1"))
    var world = try self.world([ModelServer(product: nil, address: far, models: ["big"])]) {
      addresses in asked.withLock { $0.append(addresses) }
    }
    world.environment["HEAL_BASE_URL"] = "https://far.example/v1"
    #expect(await world.run("model") == 0)
    #expect(asked.withLock { $0 } == [[far]])
    #expect(world.play.out.contains("big is not on this machine"))
    #expect(await world.run("model", "--base-url", "http://me:secret@far.example") == 2)
    #expect(!world.play.err.contains("secret"))
    #expect(asked.withLock { $0.count } == 1)
  }

  @Test("models of several servers are used in turn, those of this machine first")
  func several() async throws {
    let far = try #require(ModelAddress("https://far.example/v1"))
    let world = try world([
      ModelServer(product: nil, address: far, models: ["big"]),
      ModelServer(product: "vLLM", address: local, models: ["small"]),
    ])
    let options = ["--model", "big@https://far.example/v1", "--model", "small"]
    #expect(await world.run(["model", "--json"] + options) == 0)
    let json = try world.json()
    #expect(try JSONSchema("heal-model-1.json").violations(of: json) == [])
    #expect(json["used"]?["model"] == "small")
    #expect(json["next"]?.elements?.compactMap { $0["model"]?.text } == ["big"])
    let missing = try self.world([ModelServer(product: "vLLM", address: local, models: ["small"])])
    #expect(await missing.run(["model"] + options) == 3)
    #expect(missing.play.out.contains("small  (used)"))
  }

  @Test("names that would write to the terminal are shown without their control characters")
  func control() async throws {
    let world = try world([ModelServer(product: nil, address: local, models: ["a\u{1b}[2J"])])
    #expect(await world.run("model") == 0)
    #expect(!world.play.out.contains("\u{1b}"))
  }

  /// What goes to `heal-model`.
  private final class Sent: Sendable {
    private let state = Mutex<[ModelRequest]>([])
    var all: [ModelRequest] { state.withLock { $0 } }
    func add(_ line: [UInt8]) {
      state.withLock { $0 += [try? ModelRequest(line: line.dropLast())].compactMap { $0 } }
    }
  }

  @Test("events go to those who asked, whatever the order and the pieces they come in")
  func exchange() async {
    let sent = Sent()
    let exchange = ModelExchange(send: sent.add)
    let first = exchange.request(.configure(ModelSession()))
    let second = exchange.request(.list(addresses: [], seconds: 1))
    #expect(sent.all.map(\.id) == [1, 2])
    let bytes =
      ModelEvent(id: 2, .restart(samples: [0], "r")).line + Array("nonsense\n".utf8)
      + ModelEvent(id: 9, .configured).line + ModelEvent(id: 1, .configured).line
      + ModelEvent(id: 2, .servers([])).line
    for byte in bytes { exchange.take([byte]) }
    #expect(await first.reduce(into: []) { $0.append($1) } == [.configured])
    #expect(
      await second.reduce(into: []) { $0.append($1) } == [
        .restart(samples: [0], "r"), .servers([]),
      ]
    )
    #expect(sent.all.count == 2, "what ended is not cancelled")
  }

  @Test("who stops listening cancels; who listens when it ends is told so")
  func ends() async {
    let sent = Sent()
    let exchange = ModelExchange(send: sent.add)
    let left = exchange.request(.list(addresses: [], seconds: 1))
    exchange.take(ModelEvent(id: 1, .restart(samples: [0], "r")).line)
    let task = Task { for await _ in left {} }
    task.cancel()
    await task.value
    #expect(sent.all.last == ModelRequest(id: 1, .cancel))
    let listening = exchange.request(.configure(ModelSession()))
    exchange.end()
    let late = exchange.request(.configure(ModelSession()))
    for stream in [listening, late] {
      let events = await stream.reduce(into: [ModelEvent.Content]()) { $0.append($1) }
      guard case .failure(let failure)? = events.first, events.count == 1 else {
        Issue.record("\(events)")
        continue
      }
      #expect(failure.kind == .connectionLost)
    }
  }

  @Test("a request that cannot be read is told to all that wait, since nobody knows whose it was")
  func unread() async {
    let exchange = ModelExchange(send: { _ in })
    let waiting = exchange.request(.configure(ModelSession()))
    exchange.take(ModelEvent(id: nil, .failure(gone)).line)
    #expect(await waiting.reduce(into: []) { $0.append($1) } == [.failure(gone)])
  }
}
