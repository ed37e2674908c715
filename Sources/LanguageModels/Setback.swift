import ModelProtocol

/// One try that brought no answer.
struct Setback: Error, Sendable {
  /// What is told when nothing else helps.
  var failure: ModelFailure
  /// Whether another try may go better.
  var isTransient = false
  /// Whether not a word of the answer had come.
  var isBeforeAnswer = false
  /// Seconds that the server wants to be left alone.
  var retryAfter: Double?
  /// The status, where the server gave one.
  var status: Int?
  /// The server's own words, without secrets.
  var said = ""

  /// The setback of a request that had no word of an answer.
  var beforeAnswer: Setback {
    var setback = self
    setback.isBeforeAnswer = true
    return setback
  }

  /// Whether another model of the list may do better.
  var movesOn: Bool {
    switch failure.kind {
    case .unreachable, .connectionLost, .unauthorized, .notFound, .rateLimited, .serverError,
      .refusedRequest, .redirected, .unreadable:
      true
    case .timedOut, .cancelled, .emptyAnswer, .refusal, .tooLarge, .tokenCap, .needsPermission,
      .exhausted, .invalid:
      false
    }
  }
}

extension Setback {
  static func unreachable(_ why: String) -> Setback {
    Setback(
      failure: ModelFailure(
        .unreachable,
        "no server answers (\(why))",
        remedy: "start the server, or name another one with --base-url"
      )
    )
  }

  static func connectionLost(_ how: String) -> Setback {
    Setback(
      failure: ModelFailure(
        .connectionLost,
        "the connection to the server was lost (\(how))",
        remedy: "look into the server's log; heal goes on without the model"
      ),
      isTransient: true
    )
  }

  static func unreadable(_ what: String) -> Setback {
    Setback(
      failure: ModelFailure(
        .unreadable,
        "the server sent \(what) instead of a model's answer",
        remedy: "check that the address is that of an OpenAI-compatible server, "
          + "such as http://127.0.0.1:1234/v1"
      )
    )
  }

  static func serverError(said: String, status: Int? = nil) -> Setback {
    Setback(
      failure: ModelFailure(
        .serverError,
        "the server failed" + (status.map { " with status \($0)" } ?? "") + quoting(said),
        remedy: "look into the server's log; heal goes on without the model"
      ),
      isTransient: true,
      status: status,
      said: said
    )
  }

  static func tooLarge(_ cap: Int) -> Setback {
    Setback(
      failure: ModelFailure(
        .tooLarge,
        "the answer was cut at the cap of \(cap) bytes",
        remedy: "ask for fewer tokens, or use another model"
      )
    )
  }

  static func refusal(said: String) -> Setback {
    Setback(
      failure: ModelFailure(
        .refusal,
        "the model declined to answer" + quoting(said),
        remedy: "use another model"
      ),
      said: said
    )
  }

  static func emptyAnswer(ranOut: Bool) -> Setback {
    Setback(
      failure: ModelFailure(
        .emptyAnswer,
        "the model's answer holds no text"
          + (ranOut ? ": its tokens were used up before it said anything" : ""),
        remedy: ranOut ? "allow more tokens, or use a model that thinks less" : "use another model"
      )
    )
  }

  static var tokenCap: Setback {
    Setback(
      failure: ModelFailure(
        .tokenCap,
        "the tokens that this session may use are used up",
        remedy: "raise the cap; what was found so far is kept"
      )
    )
  }

  static func invalid(_ what: String, remedy: String) -> Setback {
    Setback(failure: ModelFailure(.invalid, what, remedy: remedy))
  }

  /// A server's words for a sentence: one line, printable, short.
  static func quoting(_ said: String) -> String {
    let words = said.split { $0.isWhitespace || $0.isNewline }.joined(separator: " ")
    let printable = String(
      words.unicodeScalars.filter { $0.value >= 0x20 && !(0x7f..<0xa0).contains($0.value) }
        .prefix(200).map(Character.init)
    )
    return printable.isEmpty ? "" : ": \(printable)"
  }
}
