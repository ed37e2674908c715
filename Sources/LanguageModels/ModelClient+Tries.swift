import HealingModel
import ModelProtocol

extension ModelClient {
  /// Makes one request until it brings an answer: again after what may pass, and with less where the
  /// server refuses a part of it.
  ///
  /// - Parameters:
  ///   - model: Who is asked.
  ///   - request: What is asked.
  ///   - samples: How many answers.
  ///   - first: The number of the first of them, for events.
  ///   - progress: The whole request.
  /// - Returns: The answers, at least one.
  /// - Throws: Why there is none.
  func tries(
    _ model: ModelReference,
    _ request: ChatRequest,
    samples: Int,
    from first: Int,
    _ progress: ChatProgress
  ) async throws(Setback) -> [ChatAnswer.Sample] {
    var retries = 0
    var wasStale = false
    var dropped: Set<ServerFeature> = []
    while true {
      let features = ChatPayload.features(
        for: request,
        samples: samples,
        without: lackingFeatures(of: model).union(dropped)
      )
      do throws(Setback) {
        let count = features.contains(.samples) ? samples : 1
        let answers = try await once(
          model,
          request,
          samples: count,
          from: first,
          features,
          progress
        )
        learn(dropped, of: model)
        return answers
      } catch {
        if let status = error.status,
          let feature = ServerFeature.toDrop(of: features, status: status, said: error.said)
        {
          dropped.insert(feature)
          continue
        }
        if error.failure.kind == .connectionLost, error.isBeforeAnswer, !wasStale, !Task.isCancelled
        {
          // Servers end connections that were kept, and tell nobody: a new one is all it needs.
          wasStale = true
          continue
        }
        guard error.isTransient, retries < options.retry.retries, !Task.isCancelled else {
          throw error
        }
        let wait = seconds(beforeRetry: retries, wanted: error.retryAfter)
        // To wait longer than there is time would only hide what happened.
        guard wait < progress.left else { throw error }
        let void = Array(first..<(first + samples))
        progress.events(.restart(samples: void, error.failure.message))
        do { try await options.sleep(wait) } catch { throw .cancelled }
        retries += 1
      }
    }
  }

  /// Makes one request once, and counts what it used.
  private func once(
    _ model: ModelReference,
    _ request: ChatRequest,
    samples: Int,
    from first: Int,
    _ features: Set<ServerFeature>,
    _ progress: ChatProgress
  ) async throws(Setback) -> [ChatAnswer.Sample] {
    let estimate = request.messages.reduce(4) {
      $0 + 4 + ModelUsage.estimatedTokens(in: $1.content)
    }
    let granted = ledger.grant(
      samples: samples,
      tokensEach: request.maxTokens,
      promptTokens: estimate
    )
    guard let grant = granted else { throw .tokenCap }
    let payload = ChatPayload(
      request: request,
      model: model.name,
      grant: grant,
      features: features
    )
    let exchange = Exchange(
      grant,
      maxBytes: options.maxAnswerBytes,
      drainSeconds: options.drainSeconds
    )
    var used = ModelUsage()
    var partial: [String] = []
    defer {
      ledger.settle(grant, used)
      progress.add(used, partial: partial)
    }
    do throws(Setback) {
      let body = try payload.bytes()
      used.requests = 1
      let response = try await start(model, body, progress)
      // A server that took the request has read the prompt, whatever became of the answer.
      used = exchange.state.usage(promptEstimate: estimate)
      defer { used = exchange.state.usage(promptEstimate: estimate) }
      try await exchange.read(response.body) { piece in
        progress.events(.text(sample: first + piece.sample, piece.text))
      }
      // Servers that do not know the parameter answer once.
      if grant.samples > 1, exchange.state.samples.count == 1 { learn([.samples], of: model) }
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
    let bytes = await within(seconds: 2) { await response.body.start(atMost: 65_536) } ?? []
    return masked(String((ChatChunk(bytes)?.error ?? "").prefix(1000)))
  }
}
