import ModelProtocol

/// The servers that were found, and the model that would be used.
struct ModelListing: Sendable, Hashable {
  /// The servers.
  var servers: [ModelServer]
  /// The model; nil when there is none that fits.
  var used: ModelReference?
  /// Why there is none.
  var error: CommandError?

  /// Finds servers and chooses a model.
  ///
  /// - Parameters:
  ///   - settings: Name a model, a server, both or none.
  ///   - link: Asks the servers.
  /// - Throws: What `CommandError` takes.
  init(_ settings: Settings, over link: ModelLink) async throws {
    var addresses: [ModelAddress] = []
    if let named = settings.baseURL {
      guard let address = ModelAddress(named) else {
        throw CommandError.usage(
          "the base URL must be an address such as http://127.0.0.1:1234/v1, without a user, "
            + "a password or a query"
        )
      }
      addresses = [address]
    }
    servers = try await link.servers(at: addresses, seconds: 10)
    used = .chosen(among: servers, named: settings.model)
    error = used == nil ? missing(settings) : nil
  }

  private func missing(_ settings: Settings) -> CommandError {
    if let failure = servers.lazy.compactMap(\.failure).first { return CommandError(failure) }
    guard !servers.isEmpty else {
      return .environment(
        message: "no model server answers on the usual ports of this machine",
        remedy: "start one (LM Studio, Ollama, llama.cpp, vLLM), or name one with --base-url"
      )
    }
    return .environment(
      message: settings.model.map { "no server has the model \($0)" }
        ?? "no server has a model that answers in words",
      remedy: "load it there, or name another one with --model"
    )
  }
}

extension ModelListing {
  /// The listing for a person.
  func text(style: Style) -> String {
    var lines = servers.flatMap { server in
      ["\(style.yellow(server.product ?? "server"))  \(server.address)"]
        + server.models.map { "  \($0)" + mark(ModelReference(name: $0, address: server.address)) }
    }
    if let used, !used.address.isLoopback {
      lines.append("\(used.name) is not on this machine: code is sent there only when you allow it")
    }
    return lines.map { printable($0) + "\n" }.joined()
  }

  private func mark(_ model: ModelReference) -> String { model == used ? "  (used)" : "" }

  /// The listing as JSON.
  var json: JSON {
    [
      "schema": 1,
      "servers": .array(servers.map(\.json)),
      "used": used.map {
        [
          "model": .string($0.name), "baseURL": .string($0.address.description),
          "local": .bool($0.address.isLoopback),
        ]
      } ?? nil,
      "error": error?.json ?? nil,
    ]
  }
}

extension ModelServer {
  fileprivate var json: JSON {
    [
      "product": .optional(product),
      "baseURL": .string(address.description),
      "models": .array(models.map(JSON.string)),
      "failure": .optional(failure?.description),
    ]
  }
}
