import HealingModel
import ModelProtocol

/// Answers that are wanted of one model.
struct Wanted: Sendable {
  /// Who is asked.
  var model: ModelReference
  /// What is asked.
  var request: ChatRequest
  /// How many answers.
  var samples: Int
  /// The number of the first of them, for events.
  var first: Int
  /// The whole request.
  var progress: ChatProgress

  /// The tokens of the prompt, as estimated.
  fileprivate var promptTokens: Int {
    request.messages.reduce(4) { $0 + 4 + ModelUsage.estimatedTokens(in: $1.content) }
  }

  /// The body of the request.
  fileprivate func payload(
    _ grant: TokenLedger.Grant,
    _ features: Set<ServerFeature>
  ) -> ChatPayload {
    var seeded = request
    // Several requests of one seed would bring one answer several times.
    seeded.seed = request.seed.map { $0 &+ first }
    return ChatPayload(request: seeded, model: model.name, grant: grant, features: features)
  }
}

/// What was done so far to get an answer after all.
private struct Recovery {
  var retries = 0
  var wasStale = false
  var dropped: Set<ServerFeature> = []
}

extension ModelClient {
  /// Makes one request until it brings an answer: again after what may pass, and with less where the
  /// server refuses a part of it.
  ///
  /// - Parameter wanted: What is wanted.
  /// - Returns: The answers, at least one.
  /// - Throws: Why there is none.
  func tries(_ wanted: Wanted) async throws(Setback) -> [ChatAnswer.Sample] {
    var recovery = Recovery()
    while true {
      let features = ChatPayload.features(
        for: wanted.request,
        samples: wanted.samples,
        without: lackingFeatures(of: wanted.model).union(recovery.dropped)
      )
      do throws(Setback) {
        let answers = try await once(wanted, features)
        learn(recovery.dropped, of: wanted.model)
        return answers
      } catch {
        try await recover(from: error, of: features, wanted, &recovery)
      }
    }
  }

  /// Prepares another try; throws the setback when there is none to make.
  private func recover(
    from setback: Setback,
    of features: Set<ServerFeature>,
    _ wanted: Wanted,
    _ recovery: inout Recovery
  ) async throws(Setback) {
    if let status = setback.status,
      let feature = ServerFeature.toDrop(of: features, status: status, said: setback.said)
    {
      recovery.dropped.insert(feature)
      return
    }
    guard setback.isTransient, !Task.isCancelled else { throw setback }
    if setback.failure.kind == .connectionLost, setback.isBeforeAnswer, !recovery.wasStale {
      // Servers end connections that were kept, and tell nobody: a new one is all it needs.
      recovery.wasStale = true
      return
    }
    guard recovery.retries < options.retry.retries else { throw setback }
    let wait = seconds(beforeRetry: recovery.retries, wanted: setback.retryAfter)
    // To wait longer than there is time would only hide what happened.
    guard wait < wanted.progress.left else { throw setback }
    let void = Array(wanted.first..<(wanted.first + wanted.samples))
    wanted.progress.events(.restart(samples: void, setback.failure.message))
    do { try await options.sleep(wait) } catch { throw .cancelled }
    recovery.retries += 1
  }

  /// Makes one request once, and counts what it used.
  private func once(
    _ wanted: Wanted,
    _ features: Set<ServerFeature>
  ) async throws(Setback) -> [ChatAnswer.Sample] {
    let granted = ledger.grant(
      samples: features.contains(.samples) ? wanted.samples : 1,
      tokensEach: wanted.request.maxTokens,
      promptTokens: wanted.promptTokens
    )
    guard let grant = granted else { throw .tokenCap }
    let exchange = Exchange(
      grant,
      maxBytes: options.maxAnswerBytes,
      drainSeconds: options.drainSeconds
    )
    var used = ModelUsage()
    var partial: [String] = []
    defer {
      ledger.settle(grant, used)
      wanted.progress.add(used, partial: partial)
    }
    do throws(Setback) {
      let body = try wanted.payload(grant, features).bytes()
      used.requests = 1
      let response = try await start(wanted.model, body, wanted.progress)
      // A server that took the request has read the prompt, whatever became of the answer.
      defer { used = exchange.state.usage(promptEstimate: grant.promptTokens) }
      try await exchange.read(response.body) { piece in
        wanted.progress.events(.text(sample: wanted.first + piece.sample, piece.text))
      }
      // Servers that do not know the parameter answer once.
      if grant.samples > 1, exchange.state.samples.count == 1 {
        learn([.samples], of: wanted.model)
      }
      return try exchange.state.answers()
    } catch {
      partial = exchange.state.texts
      throw error
    }
  }

  /// Sends a request; a status that is no success is thrown, with the server's words.
  private func start(
    _ model: ModelReference,
    _ body: [UInt8],
    _ progress: ChatProgress
  ) async throws(Setback) -> HTTPTransport.Response {
    try await start(
      model.address,
      "/chat/completions",
      body: body,
      authorization: authorization(for: model.address),
      model: model.name,
      seconds: progress.left + 1
    )
  }

  /// Sends a request to a path of a server.
  func start(
    _ address: ModelAddress,
    _ path: String,
    body: [UInt8]?,
    authorization: String?,
    model: String,
    seconds: Double
  ) async throws(Setback) -> HTTPTransport.Response {
    let response = try await transport.send(
      to: address.description + path,
      body: body,
      authorization: authorization,
      seconds: seconds
    )
    guard !(200...299).contains(response.status) else { return response }
    let said = await words(of: response)
    throw Setback(
      status: response.status,
      said: said,
      model: model,
      location: response.location,
      withheld: isWithheld(from: address),
      retryAfter: response.retryAfter.flatMap { RetryAfter.seconds($0, now: options.now()) }
    )
  }

  /// What a server says about a failure, as far as it comes soon and can be read.
  private func words(of response: HTTPTransport.Response) async -> String {
    let bytes =
      await within(seconds: options.wordsSeconds) { await response.body.start(atMost: 65_536) }
      ?? []
    return masked(String((ChatChunk(bytes)?.error ?? "").prefix(1000)))
  }
}
