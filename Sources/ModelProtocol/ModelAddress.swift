/// The address under which a server speaks the protocol of OpenAI's chat completions.
///
/// It holds no secrets: addresses with a user, a password, a query or a fragment are refused.
public struct ModelAddress: Sendable, Hashable, CustomStringConvertible {
  /// Whether the connection is encrypted.
  public let isEncrypted: Bool
  /// The host as written, in lower case; an IPv6 address without its brackets.
  public let host: String
  /// The port.
  public let port: Int
  /// The path before `/chat/completions`, such as `/v1`; it starts with a slash or is empty.
  public let path: String

  /// Reads an address such as `http://localhost:1234/v1`; without a path, `/v1` is meant.
  ///
  /// - Parameter text: The address; `http` and `https` only.
  public init?(_ text: String) {
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { return nil }
    let lowered = text.lowercased()
    let isEncrypted = lowered.hasPrefix("https://")
    guard isEncrypted || lowered.hasPrefix("http://") else { return nil }
    let rest = text.dropFirst(isEncrypted ? 8 : 7)
    guard !rest.contains(where: { "@?#\\\"<>".contains($0) }) else { return nil }
    let authority = rest.prefix { $0 != "/" }
    guard let place = Self.place(String(authority), isEncrypted: isEncrypted) else { return nil }
    var path = String(rest.dropFirst(authority.count))
    while path.hasSuffix("/") { path.removeLast() }
    self.isEncrypted = isEncrypted
    (host, port) = place
    self.path = path.isEmpty ? "/v1" : path
  }

  /// The usual address of a server on this machine.
  public init(localPort port: Int) {
    (isEncrypted, host, self.port, path) = (false, "127.0.0.1", port, "/v1")
  }

  /// Whether what is sent there stays on this machine.
  public var isLoopback: Bool {
    let numbers = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    return host == "localhost" || host == "::1"
      || (numbers.count == 4 && numbers.allSatisfy { $0 != nil } && numbers[0] == 127)
  }

  /// Scheme, host and port.
  public var origin: String {
    let name = host.contains(":") ? "[\(host)]" : host
    return "\(isEncrypted ? "https" : "http")://\(name):\(port)"
  }

  /// The whole address.
  public var description: String { origin + path }

  private static func place(_ authority: String, isEncrypted: Bool) -> (String, Int)? {
    let usual = isEncrypted ? 443 : 80
    var host = authority
    var port: String?
    if authority.hasPrefix("[") {
      guard let end = authority.firstIndex(of: "]") else { return nil }
      host = String(authority[authority.index(after: authority.startIndex)..<end])
      let rest = authority[authority.index(after: end)...]
      guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
      guard host.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }) else { return nil }
      if !rest.isEmpty { port = String(rest.dropFirst()) }
    } else if let colon = authority.firstIndex(of: ":") {
      host = String(authority[..<colon])
      port = String(authority[authority.index(after: colon)...])
      guard port?.contains(":") == false else { return nil }
    }
    let number = port.map { $0.allSatisfy(\.isNumber) ? Int($0) ?? 0 : 0 } ?? usual
    guard !host.isEmpty, (1...65_535).contains(number) else { return nil }
    return (host.lowercased(), number)
  }
}

extension ModelAddress: Codable {
  /// Reads the address from its text.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let address = ModelAddress(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "no address")
    }
    self = address
  }

  /// Writes the address as its text.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
