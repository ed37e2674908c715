import Foundation
import ModelProtocol

/// The servers that were found, and the models that would be used.
struct ModelListing: Sendable, Hashable {
  /// The servers.
  var servers: [ModelServer]
  /// The models in the order in which they are asked: those of this machine first.
  var used: [ModelReference]
  /// Why there is none, or why one that was named is left out.
  var error: CommandError?

  /// Finds servers and chooses models.
  ///
  /// - Parameters:
  ///   - settings: Name models, a server, both or none.
  ///   - link: Asks the servers.
  /// - Throws: What `CommandError` takes.
  init(_ settings: Settings, over link: ModelLink) async throws {
    let wanted = try settings.models.map(WantedModel.init)
    let base = try settings.baseURL.map { try ModelAddress(named: $0) }
    var named: [ModelAddress] = []
    for address in [base] + wanted.map(\.address) {
      if let address, !named.contains(address) { named.append(address) }
    }
    let usesUsual = base == nil && (wanted.isEmpty || wanted.contains { $0.address == nil })
    servers = named.isEmpty ? [] : try await link.servers(at: named, seconds: 10)
    if usesUsual { servers += try await link.servers(at: [], seconds: 10) }
    var found: [ModelReference] = []
    for one in wanted.isEmpty ? [WantedModel()] : wanted {
      let theirs = servers.filter { server in
        (one.address ?? base).map { server.address == $0 } ?? !named.contains(server.address)
      }
      if let model = ModelReference.chosen(among: theirs, named: one.name) {
        found.append(model)
      } else if error == nil {
        error = Self.missing(one, among: theirs)
      }
    }
    used = found.filter(\.address.isLoopback) + found.filter { !$0.address.isLoopback }
  }

  private static func missing(_ wanted: WantedModel, among servers: [ModelServer]) -> CommandError {
    if let failure = servers.lazy.compactMap(\.failure).first { return CommandError(failure) }
    guard !servers.isEmpty else {
      return .environment(
        message: "no model server answers on the usual ports of this machine",
        remedy: "start one (LM Studio, Ollama, llama.cpp, vLLM), or name one with --base-url"
      )
    }
    return .environment(
      message: wanted.name.map { "no server has the model \($0)" }
        ?? "no server has a model that answers in words",
      remedy: "load it there, or name another one with --model"
    )
  }
}

/// A model as the user names it.
private struct WantedModel {
  /// The model's name; nil for one that a server has.
  var name: String?
  /// Where it is, when that was said.
  var address: ModelAddress?

  /// Any model.
  init() {}

  /// Reads `NAME` or `NAME@URL`.
  init(_ text: String) throws(CommandError) {
    guard
      let at = [text.range(of: "@http://"), text.range(of: "@https://")].compactMap(\.self).first
    else {
      name = text
      return
    }
    name = at.lowerBound > text.startIndex ? String(text[..<at.lowerBound]) : nil
    address = try ModelAddress(named: String(text[text.index(after: at.lowerBound)...]))
  }
}

extension ModelAddress {
  /// Reads what a user wrote.
  fileprivate init(named text: String) throws(CommandError) {
    guard let address = ModelAddress(text) else {
      throw .usage(
        "the base URL must be an address such as http://127.0.0.1:1234/v1, without a user, "
          + "a password or a query"
      )
    }
    self = address
  }
}

extension ModelListing {
  /// The listing for a person.
  func text(style: Style) -> String {
    var lines = servers.flatMap { server in
      ["\(style.yellow(server.product ?? "server"))  \(server.address)"]
        + server.models.map { "  \($0)" + mark(ModelReference(name: $0, address: server.address)) }
    }
    for model in used where !model.address.isLoopback {
      lines.append(
        "\(model.name) is not on this machine: code is sent there only when you allow it"
      )
    }
    return lines.map { printable($0) + "\n" }.joined()
  }

  private func mark(_ model: ModelReference) -> String { used.contains(model) ? "  (used)" : "" }

  /// The listing as JSON.
  var json: JSON {
    [
      "schema": 1,
      "servers": .array(servers.map(\.json)),
      "used": used.first?.json ?? .null,
      "next": .array(used.dropFirst().map(\.json)),
      "error": error?.json ?? nil,
    ]
  }
}

extension ModelReference {
  fileprivate var json: JSON {
    [
      "model": .string(name), "baseURL": .string(address.description),
      "local": .bool(address.isLoopback),
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
