import Healing
import HealingModel
import ModelProtocol
import Prompting
import Synchronization
import Testing

@testable import heal

/// `heal run` with a model: how it is found, what it is told, and what becomes of its answers.
@Suite("Runs with a model")
struct ModelRunTests {
  private let local = ModelAddress(localPort: 1234)

  /// A world with a server that has one model, and a loop that asks it once.
  private func world(
    _ servers: [ModelServer],
    answering answer: ModelEvent.Content,
    asked: @escaping @Sendable (ChatRequest) -> Void = { _ in },
    replied: @escaping @Sendable (ModelReply?) -> Void = { _ in },
    budget: @escaping @Sendable (Double) -> Void = { _ in }
  ) throws -> FakeWorld {
    var world = try FakeWorld()
    world.models = { () throws(CommandError) in
      ModelLink(
        send: { operation in
          AsyncStream { continuation in
            switch operation {
            case .list: continuation.yield(.servers(servers))
            case .chat(let request):
              asked(request)
              continuation.yield(.text(sample: 0, "some"))
              continuation.yield(answer)
            case .configure, .cancel: break
            }
            continuation.finish()
          }
        },
        close: {}
      )
    }
    world.loop = { job in
      budget(job.budget.seconds)
      let question = ModelQuestion(
        messages: [.init(role: .system, content: "rules"), .init(role: .user, content: "program")],
        temperature: 0.4,
        maxTokens: 2000,
        seconds: 30,
        seed: 5
      )
      replied(await job.model?.model.reply(to: question))
      return SessionReport(status: .unhealed, strength: .example)
    }
    return world
  }

  private var server: ModelServer {
    ModelServer(product: "vLLM", address: local, models: ["small"])
  }

  private func answer(_ finish: ChatAnswer.Finish) -> ModelEvent.Content {
    let model = ModelReference(name: "small", address: local)
    let usage = ModelUsage(requests: 1, promptTokens: 7, completionTokens: 3)
    return .answer(
      ChatAnswer(model: model, samples: [.init(text: "code", finish: finish)], usage: usage)
    )
  }

  @Test("the named model is asked what the loop wants to know")
  func asks() async throws {
    let asked = Mutex<[ChatRequest]>([])
    let replies = Mutex<[ModelReply?]>([])
    let budgets = Mutex<[Double]>([])
    let world = try world(
      [server],
      answering: answer(.length),
      asked: { request in asked.withLock { $0.append(request) } },
      replied: { reply in replies.withLock { $0.append(reply) } },
      budget: { seconds in budgets.withLock { $0.append(seconds) } }
    )
    #expect(await world.run("run", "--model", "small", "app.py") == 1)
    #expect(await world.run("run", "--model", "small", "--budget", "9", "app.py") == 1)
    #expect(await world.run("run", "app.py") == 1)
    let request = try #require(asked.withLock { $0.first })
    #expect(request.models.map(\.name) == ["small"])
    #expect(request.messages.map(\.content) == ["rules", "program"])
    #expect((request.temperature, request.maxTokens, request.seed) == (0.4, 2000, 5))
    #expect(!request.mayLeave)
    let use = ModelUse(name: "small", requests: 1, promptTokens: 7, completionTokens: 3)
    let reply = ModelReply(answers: [.init("code", isTruncated: true)], use: use)
    #expect(replies.withLock { $0 } == [reply, reply, nil])
    #expect(budgets.withLock { $0 } == [300, 9, 60])
  }

  @Test("of several models the next is asked when those before have had their share")
  func several() async throws {
    let asked = Mutex<[ChatRequest]>([])
    let sessions = Mutex<[ModelSession]>([])
    let link = ModelLink(
      send: { operation in
        switch operation {
        case .configure(let session): sessions.withLock { $0.append(session) }
        case .chat(let request): asked.withLock { $0.append(request) }
        case .list, .cancel: break
        }
        return AsyncStream { $0.finish() }
      },
      close: {}
    )
    await link.configure(ModelSession(completionTokens: 7))
    #expect(sessions.withLock { $0 } == [ModelSession(completionTokens: 7)])
    let models = ["a", "b", "c"].map { ModelReference(name: $0, address: local) }
    let linked = LinkedModel(link: link, models: models, mayLeave: false)
    for share in [0, 0.3, 0.34, 0.7, 1] {
      let question = ModelQuestion(
        messages: [],
        temperature: 0,
        maxTokens: 1,
        seconds: 1,
        seed: 0,
        share: share
      )
      _ = await linked.reply(to: question)
    }
    #expect(asked.withLock { $0.map(\.exhausted.count) } == [0, 0, 1, 2, 2])
  }

  @Test("a model that cannot be had is told of, and the session goes on")
  func missing() async throws {
    let replies = Mutex<[ModelReply?]>([])
    let world = try world([], answering: answer(.stop)) { _ in
    } replied: { reply in
      replies.withLock { $0.append(reply) }
    }
    #expect(await world.run("run", "--json", "--model", "small", "app.py") == 1)
    #expect(replies.withLock { $0 } == [nil])
    let notes = try #require(try world.json()["notes"]?.elements)
    #expect(notes.contains { $0.text?.contains("without a language model") == true })
  }

  @Test("a failure makes the model silent, one that a second try may mend does not")
  func failures() async throws {
    let kinds: [(ModelFailure.Kind, isSilent: Bool)] = [
      (.unreachable, true), (.unauthorized, true), (.tokenCap, true), (.timedOut, true),
      (.emptyAnswer, false), (.refusal, false), (.tooLarge, false),
    ]
    for (kind, isSilent) in kinds {
      let replies = Mutex<[ModelReply?]>([])
      let failure = ModelFailure(kind, "it did not work", remedy: "mend it")
      let world = try world([server], answering: .failure(failure)) { _ in
      } replied: { reply in
        replies.withLock { $0.append(reply) }
      }
      #expect(await world.run("run", "--model", "small", "app.py") == 1)
      let first = try #require(replies.withLock { $0.first })
      let reply = try #require(first)
      #expect((reply.silence != nil) == isSilent, "\(kind)")
      #expect(reply.answers.isEmpty)
    }
  }

  @Test("code leaves the machine only when the user says so")
  func leaving() async throws {
    let asked = Mutex<[Bool]>([])
    var world = try world([server], answering: answer(.stop)) { request in
      asked.withLock { $0.append(request.mayLeave) }
    }
    #expect(await world.run("run", "--model", "small", "app.py") == 1)
    #expect(await world.run("run", "--model", "small", "--allow-remote-model", "app.py") == 1)
    world.environment["HEAL_ALLOW_REMOTE_MODEL"] = "1"
    #expect(await world.run("run", "--model", "small", "app.py") == 1)
    #expect(asked.withLock { $0 } == [false, true, true])
  }

  @Test("--no-model wins over what is configured, and goes with no other")
  func without() async throws {
    var world = try world([server], answering: answer(.stop)) { _ in
      Issue.record("the model was asked")
    }
    world.environment["HEAL_MODEL"] = "small"
    #expect(await world.run("run", "--no-model", "app.py") == 1)
    #expect(await world.run("run", "--no-model", "--model", "small", "app.py") == 2)
  }
}
