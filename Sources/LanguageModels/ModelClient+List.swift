import AsyncHTTPClient
import Foundation
public import ModelProtocol
import NIOCore

extension ModelClient {
  /// The ports of this machine on which servers usually listen.
  public static let usualPorts = [
    (1234, "LM Studio"), (11_434, "Ollama"), (8080, "llama.cpp"), (8000, "vLLM"),
  ]

  /// Asks servers for their models, all at once.
  ///
  /// - Parameters:
  ///   - addresses: Servers that the user named. When there are none, the usual ports of this machine
  ///     are tried, without the key: whoever listens there was not chosen by anybody.
  ///   - ports: The usual ports, each with what mostly listens there.
  ///   - seconds: How long each may take.
  /// - Returns: The servers that were named, in their order, or those that were found.
  public func servers(
    at addresses: [ModelAddress],
    ports: [(Int, String)] = usualPorts,
    seconds: Double
  ) async -> [ModelServer] {
    let isNamed = !addresses.isEmpty
    let asked =
      isNamed
      ? addresses.map { ModelServer(product: nil, address: $0) }
      : ports.map { ModelServer(product: $1, address: ModelAddress(localPort: $0)) }
    let answers = await withTaskGroup(of: (Int, ModelServer).self) { group in
      for (index, server) in asked.enumerated() {
        group.addTask { (index, await self.listing(server, withKey: isNamed, seconds: seconds)) }
      }
      var found: [Int: ModelServer] = [:]
      for await (index, server) in group { found[index] = server }
      return found.sorted { $0.key < $1.key }.map(\.value)
    }
    return isNamed ? answers : answers.filter { $0.failure == nil }
  }

  private func listing(
    _ server: ModelServer,
    withKey: Bool,
    seconds: Double
  ) async -> ModelServer {
    let models = await within(seconds: seconds) { () -> Result<[String], Setback> in
      do throws(Setback) {
        return .success(try await self.models(of: server.address, withKey: withKey, seconds))
      } catch {
        return .failure(error)
      }
    }
    var server = server
    switch models ?? .failure(.timedOut) {
    case .success(let models): server.models = models
    case .failure(let setback): server.failure = setback.failure
    }
    return server
  }

  private func models(
    of address: ModelAddress,
    withKey: Bool,
    _ seconds: Double
  ) async throws(Setback) -> [String] {
    let response = try await start(
      address,
      "/models",
      body: nil,
      authorization: withKey ? authorization(for: address) : nil,
      model: "",
      seconds: seconds + 1
    )
    let bytes = await response.body.start(atMost: options.maxListBytes + 1)
    guard bytes.count <= options.maxListBytes else { throw .tooLarge(options.maxListBytes) }
    guard let list = ModelList(bytes) else { throw .unreadable("no list of models") }
    return list.names
  }
}

extension HTTPClientResponse.Body {
  /// The first bytes, as far as they come.
  func start(atMost limit: Int) async -> [UInt8] {
    var bytes: [UInt8] = []
    do {
      for try await buffer in self {
        bytes += buffer.readableBytesView.prefix(limit - bytes.count)
        if bytes.count >= limit { break }
      }
    } catch {
      // What came before the connection ended may say enough.
    }
    return bytes
  }
}

/// A server's list of models, as OpenAI writes it.
struct ModelList: Decodable {
  private struct Entry: Decodable {
    var id: String?
    var name: String?
  }

  /// The names.
  var names: [String]

  /// Reads the list; nil when it is none.
  init?(_ bytes: [UInt8]) {
    let repaired = Data(String(decoding: bytes, as: UTF8.self).utf8)
    guard let list = try? JSONDecoder().decode(ModelList.self, from: repaired) else { return nil }
    self = list
  }

  private enum Key: String, CodingKey { case data, models }

  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    let key: Key = values.contains(.data) ? .data : .models
    let entries = try values.decodeIfPresent([Entry].self, forKey: key) ?? []
    names = entries.compactMap { $0.id ?? $0.name }.filter { name in
      // A name becomes a part of messages and of requests.
      !name.isEmpty && name.count <= 200
        && name.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7f }
    }
  }
}
