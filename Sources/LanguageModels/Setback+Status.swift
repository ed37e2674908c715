import ModelProtocol

extension Setback {
  /// What a status that is no success means.
  ///
  /// - Parameters:
  ///   - status: The status.
  ///   - said: The server's own words, without secrets.
  ///   - model: Who was asked; empty when nobody in particular.
  ///   - location: Where it sends to.
  ///   - withheld: Whether a key was not sent since the connection is not encrypted.
  ///   - retryAfter: Seconds that it wants to be left alone.
  init(
    status: Int,
    said: String,
    model: String,
    location: String?,
    withheld: Bool,
    retryAfter: Double?
  ) {
    switch status {
    case 300...399: self = .redirected(location, status: status)
    case 401, 403: self = .unauthorized(status, said: said, withheld: withheld)
    case 404: self = .notFound(model, said: said)
    case 429:
      let wait = retryAfter.map { " for \(Int($0.rounded(.up))) s" } ?? ""
      self.init(
        failure: ModelFailure(
          .rateLimited,
          "the server wants no more requests\(wait) (status 429)" + Self.quoting(said),
          remedy: "wait, or use another model"
        ),
        isTransient: true
      )
    case 408, 500...599: self = .serverError(said: said, status: status)
    default:
      self.init(
        failure: ModelFailure(
          .refusedRequest,
          "the server does not take the request (status \(status))" + Self.quoting(said),
          remedy: "use another model, or ask for less at once"
        )
      )
    }
    self.status = status
    self.said = said
    self.retryAfter = retryAfter
  }

  private static func redirected(_ location: String?, status: Int) -> Setback {
    // Only the origin: the rest may hold secrets.
    let origin = location.flatMap { ModelAddress(String($0.prefix { $0 != "?" && $0 != "#" })) }
    return Setback(
      failure: ModelFailure(
        .redirected,
        "the server sends to \(origin?.origin ?? "elsewhere") (status \(status)), "
          + "and heal follows no such order",
        remedy: "name the final address with --base-url"
      )
    )
  }

  private static func unauthorized(_ status: Int, said: String, withheld: Bool) -> Setback {
    Setback(
      failure: ModelFailure(
        .unauthorized,
        "the server wants a key, or another one (status \(status))" + quoting(said),
        remedy: withheld
          ? "use an https address: a key is not sent over a connection that others can read"
          : "set HEAL_API_KEY, or HEAL_API_KEY_FILE to a file that only you can read"
      )
    )
  }

  private static func notFound(_ model: String, said: String) -> Setback {
    Setback(
      failure: ModelFailure(
        .notFound,
        (model.isEmpty ? "the server has no such path" : "the server does not know \(model)")
          + " (status 404)" + quoting(said),
        remedy: "`heal model` lists what there is; an address mostly ends with /v1"
      )
    )
  }
}
