import Foundation
import HealingModel

/// Replaces the values of secrets in texts that are stored.
public struct SecretMasker: Sendable {
  /// What stands in the place of a secret.
  public static let mask = "•••"
  /// The shortest value that is masked: shorter ones are parts of ordinary words and numbers.
  public static let shortest = 4

  private let secrets: [[UInt8]]

  /// Makes a masker of these values; those of fewer than four bytes are left out.
  public init(_ secrets: Set<String> = []) {
    // The longest first, so that a secret within another leaves no rest of it.
    self.secrets = secrets.map { Array($0.utf8) }.filter { $0.count >= Self.shortest }
      .sorted { ($1.count, sha256($0)) < ($0.count, sha256($1)) }
  }

  /// A masker of the values of those variables whose names speak of secrets.
  public init(environment: [String: String]) {
    let marks = ["KEY", "TOKEN", "SECRET", "PASSWORD"]
    let named = environment.filter { entry in
      marks.contains { entry.key.uppercased().contains($0) }
    }
    self.init(Set(named.values))
  }

  /// `text` with each secret replaced.
  public func callAsFunction(_ text: String) -> String {
    if secrets.isEmpty { return text }
    let bytes = Array(text.utf8)
    let masked = self(bytes)
    return masked.count == bytes.count && masked == bytes
      ? text : String(decoding: masked, as: UTF8.self)
  }

  /// `bytes` with each secret replaced.
  public func callAsFunction(_ bytes: [UInt8]) -> [UInt8] {
    secrets.reduce(bytes) { replacing($1, in: $0, by: Array(Self.mask.utf8)) }
  }

  /// The beginning of an output whose rest is not there: a secret may be cut off at its end.
  func head(_ text: String) -> String {
    let masked = self(text)
    let bytes = Array(masked.utf8)
    for secret in secrets {
      for count in stride(from: secret.count - 1, through: Self.shortest, by: -1)
      where bytes.suffix(count).elementsEqual(secret.prefix(count)) {
        return String(decoding: bytes.dropLast(count), as: UTF8.self) + Self.mask
      }
    }
    return masked
  }

  /// The end of an output whose beginning is not there.
  func tail(_ text: String) -> String {
    let masked = self(text)
    let bytes = Array(masked.utf8)
    for secret in secrets {
      for count in stride(from: secret.count - 1, through: Self.shortest, by: -1)
      where bytes.prefix(count).elementsEqual(secret.suffix(count)) {
        return Self.mask + String(decoding: bytes.dropFirst(count), as: UTF8.self)
      }
    }
    return masked
  }
}

private func replacing(_ needle: [UInt8], in bytes: [UInt8], by mask: [UInt8]) -> [UInt8] {
  let data = Data(bytes)
  let sought = Data(needle)
  guard var found = data.range(of: sought) else { return bytes }
  var result: [UInt8] = []
  var start = data.startIndex
  while true {
    result += data[start..<found.lowerBound]
    result += mask
    start = found.upperBound
    guard let next = data.range(of: sought, in: start..<data.endIndex) else { break }
    found = next
  }
  return result + data[start...]
}
