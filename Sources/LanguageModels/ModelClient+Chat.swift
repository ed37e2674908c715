import HealingModel
public import ModelProtocol
import Synchronization

/// A request under way: how far it came, who watches it and when it ends.
final class ChatProgress: Sendable {
  private struct State {
    var partial: [String] = []
    var usage = ModelUsage()
  }

  let events: @Sendable (ModelEvent.Content) -> Void
  private let state = Mutex(State())
  private let end: ContinuousClock.Instant

  init(seconds: Double, events: @escaping @Sendable (ModelEvent.Content) -> Void) {
    self.events = events
    end = .now + .seconds(max(0, min(seconds, 86_400)))
  }

  /// Seconds that are left.
  var left: Double {
    let (seconds, attoseconds) = (end - .now).components
    return Double(seconds) + Double(attoseconds) / 1e18
  }

  var usage: ModelUsage { state.withLock { $0.usage } }

  /// Counts what a try used up, and keeps what came of it when it failed; the longest is kept.
  func add(_ usage: ModelUsage, partial: [String]) {
    state.withLock { state in
      state.usage += usage
      let length = { (texts: [String]) in texts.reduce(0) { $0 + $1.utf8.count } }
      if length(partial) > length(state.partial) { state.partial = partial }
    }
  }

  /// A failure with all that is known of the request.
  func failure(_ setback: Setback) -> ModelFailure {
    var failure = setback.failure
    (failure.partial, failure.usage) = state.withLock { ($0.partial, $0.usage) }
    return failure
  }
}

extension ModelClient {
  /// Asks the first model of a list that answers.
  ///
  /// - Parameters:
  ///   - request: What is asked.
  ///   - events: Takes texts as they come, and is told when what came is void.
  /// - Returns: The answer, or why there is none.
  public func chat(
    _ request: ChatRequest,
    events: @escaping @Sendable (ModelEvent.Content) -> Void = { _ in }
  ) async -> Result<ChatAnswer, ModelFailure> {
    guard (1...1_000_000).contains(request.maxTokens), (1...64).contains(request.samples),
      request.seconds.isFinite, !request.messages.isEmpty
    else {
      return .failure(
        ModelFailure(
          .invalid,
          "the request asks for nothing that a model can give",
          remedy: "ask for 1 to 64 answers of 1 to 1,000,000 tokens"
        )
      )
    }
    let progress = ChatProgress(seconds: request.seconds, events: events)
    let ended = await within(seconds: request.seconds) { () -> Result<ChatAnswer, Setback> in
      do throws(Setback) {
        return .success(try await self.ask(request, progress))
      } catch {
        return .failure(error)
      }
    }
    switch ended {
    case .success(let answer)?: return .success(answer)
    case .failure(let setback)?:
      return .failure(progress.failure(Task.isCancelled ? .cancelled : setback))
    case nil: return .failure(progress.failure(Task.isCancelled ? .cancelled : .timedOut))
    }
  }

  /// Goes through the models in order until one answers.
  private func ask(
    _ request: ChatRequest,
    _ progress: ChatProgress
  ) async throws(Setback) -> ChatAnswer {
    var exhausted = Set(request.exhausted)
    var last: Setback?
    while true {
      switch ModelRoute.next(of: request.models, exhausted: exhausted, mayLeave: request.mayLeave) {
      case .exhausted: throw last ?? .exhausted
      case .needsPermission(let index):
        throw last ?? .needsPermission(request.models[index])
      case .use(let index):
        let model = request.models[index]
        do throws(Setback) {
          let samples = try await ask(model, request, progress)
          return ChatAnswer(model: model, samples: samples, usage: progress.usage)
        } catch {
          guard error.movesOn, !Task.isCancelled else { throw error }
          last = error.naming(model)
          exhausted.insert(index)
          let next = ModelRoute.next(
            of: request.models,
            exhausted: exhausted,
            mayLeave: request.mayLeave
          )
          if case .use(let index) = next {
            let name = request.models[index].name
            progress.events(
              .restart(
                samples: Array(0..<request.samples),
                "\(error.failure.message); \(name) is asked instead"
              )
            )
          }
        }
      }
    }
  }

  /// Asks one model for all samples: in one request where the server can, else in several at once.
  private func ask(
    _ model: ModelReference,
    _ request: ChatRequest,
    _ progress: ChatProgress
  ) async throws(Setback) -> [ChatAnswer.Sample] {
    let atOnce = lackingFeatures(of: model).contains(.samples) ? 1 : request.samples
    let wanted = Wanted(
      model: model,
      request: request,
      samples: atOnce,
      first: 0,
      progress: progress
    )
    let samples = try await tries(wanted)
    let missing = request.samples - samples.count
    guard missing > 0, lackingFeatures(of: model).contains(.samples) else { return samples }
    let others = await withTaskGroup(of: (Int, [ChatAnswer.Sample]).self) { group in
      for index in 0..<missing {
        group.addTask {
          var one = wanted
          (one.samples, one.first) = (1, index + 1)
          do throws(Setback) {
            return (index, try await self.tries(one))
          } catch {
            // One good answer is enough: what else went wrong is not worth losing it.
            return (index, [])
          }
        }
      }
      var found: [Int: [ChatAnswer.Sample]] = [:]
      for await (index, samples) in group { found[index] = samples }
      return found.sorted { $0.key < $1.key }.flatMap(\.value)
    }
    return samples + others
  }
}

extension Setback {
  static var exhausted: Setback {
    Setback(
      failure: ModelFailure(
        .exhausted,
        "there is no model left to ask",
        remedy: "start a server on this machine, or name one with --model and --base-url; "
          + "heal goes on without a model"
      )
    )
  }

  static func needsPermission(_ model: ModelReference) -> Setback {
    Setback(
      failure: ModelFailure(
        .needsPermission,
        "only \(model.name) at \(model.address.origin) is left, and code may not leave this machine",
        remedy: "allow it, or name a model of this machine"
      )
    )
  }

  /// The setback with the name of the model in its sentence.
  func naming(_ model: ModelReference) -> Setback {
    var named = self
    named.failure.message = "\(model.name) at \(model.address.origin): \(failure.message)"
    return named
  }
}
