/// The name of a session: 12 lower-case hexadecimal digits.
public struct SessionID: Sendable, Hashable, Codable, LosslessStringConvertible {
  /// The digits.
  public let description: String

  /// The name with these digits, or nil when they are not 12 hexadecimal ones.
  public init?(_ description: String) {
    let digits = description.lowercased()
    guard digits.utf8.count == 12, digits.allSatisfy(isHexadecimal) else { return nil }
    self.description = digits
  }

  /// A name drawn from `generator`.
  public init(using generator: inout some RandomNumberGenerator) {
    let digits = String(generator.next() >> 16, radix: 16)
    description = String(repeating: "0", count: 12 - digits.utf8.count) + digits
  }

  /// Reads the name as text.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let id = Self(text) else {
      throw DecodingError.dataCorruptedError(
        in: container,
        debugDescription: "\(text) is no name of a session"
      )
    }
    self = id
  }

  /// Writes the name as text.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

func isHexadecimal(_ character: Character) -> Bool {
  ("0"..."9").contains(character) || ("a"..."f").contains(character)
}
