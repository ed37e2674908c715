/// A model of a server.
public struct ModelReference: Sendable, Hashable, Codable {
  /// The name that the server knows it by.
  public var name: String
  /// Where the server is.
  public var address: ModelAddress

  /// Makes a reference.
  public init(name: String, address: ModelAddress) {
    self.name = name
    self.address = address
  }
}

/// Which of several models is asked next.
public enum ModelRoute: Sendable, Hashable {
  /// This one, by its place in the list.
  case use(Int)
  /// The next one is not on this machine, and the user did not allow code to leave it.
  case needsPermission(Int)
  /// Every one of the list is exhausted, or there is none.
  case exhausted

  /// Chooses the next model: local ones before others, else in the order of the list.
  ///
  /// - Parameters:
  ///   - models: The user's list, cheap ones first.
  ///   - exhausted: Places of those that are dead or that the caller is done with.
  ///   - mayLeave: Whether code may leave this machine.
  /// - Returns: What is to be done.
  public static func next(
    of models: [ModelReference],
    exhausted: Set<Int>,
    mayLeave: Bool
  ) -> ModelRoute {
    let left = models.indices.filter { !exhausted.contains($0) }
    if let local = left.first(where: { models[$0].address.isLoopback }) { return .use(local) }
    guard let remote = left.first else { return .exhausted }
    return mayLeave ? .use(remote) : .needsPermission(remote)
  }
}

/// A server that answered, or was named and did not.
public struct ModelServer: Sendable, Hashable, Codable {
  /// What usually listens there, such as `Ollama`; nil for an address that the user named.
  public var product: String?
  /// Where it is.
  public var address: ModelAddress
  /// The names of its models, in its own order.
  public var models: [String]
  /// Why it has no list of models; nil when it has one.
  public var failure: ModelFailure?

  /// Makes a server.
  public init(
    product: String?,
    address: ModelAddress,
    models: [String] = [],
    failure: ModelFailure? = nil
  ) {
    self.product = product
    self.address = address
    self.models = models
    self.failure = failure
  }
}

extension ModelReference {
  /// The model that is used when the user names one, or none, and these servers were found.
  ///
  /// Models that cannot answer in words, by their names, are not chosen unasked.
  ///
  /// - Parameters:
  ///   - servers: In the order in which they are preferred.
  ///   - name: The model that the user named.
  /// - Returns: The model; nil when no server has one that fits.
  public static func chosen(among servers: [ModelServer], named name: String?) -> ModelReference? {
    for server in servers {
      let fitting = server.models.first { model in name.map { $0 == model } ?? canAnswer(model) }
      if let fitting { return ModelReference(name: fitting, address: server.address) }
    }
    return nil
  }

  private static func canAnswer(_ model: String) -> Bool {
    let lowered = model.lowercased()
    return !["embed", "rerank", "whisper", "tts", "moderation", "dall-e"].contains {
      lowered.contains($0)
    }
  }
}
