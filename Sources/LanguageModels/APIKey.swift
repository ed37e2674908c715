import Foundation
public import ModelProtocol

/// A key of a server.
///
/// It shows itself nowhere: no description, mirror or encoding holds it.
public struct APIKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  private let secret: String

  /// Makes a key of its text, white space around it left out; nil when a header cannot carry it.
  init?(_ text: String) {
    let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
    guard (1...4096).contains(trimmed.utf8.count),
      trimmed.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
    else { return nil }
    secret = trimmed
  }

  /// Says that there is a key, and no more.
  public var description: String { "a key" }

  /// Says that there is a key, and no more.
  public var debugDescription: String { description }

  /// A mirror without children.
  public var customMirror: Mirror { Mirror(self, children: [:]) }

  /// The value of the header that carries it.
  var header: String { "Bearer \(secret)" }

  /// Whether it may be sent there: over an encrypted connection, or within this machine.
  static func maySend(to address: ModelAddress) -> Bool {
    address.isEncrypted || address.isLoopback
  }

  /// A text without the key, also when it was cut off.
  func masked(in text: String) -> String {
    var result = text.replacing(secret, with: "(key)")
    // A server that repeats a part of it says as much as one that repeats all.
    var length = secret.count - 1
    while length >= 8 {
      result = result.replacing(String(secret.prefix(length)), with: "(key)")
      result = result.replacing(String(secret.suffix(length)), with: "(key)")
      length -= 1
    }
    return result
  }
}

extension APIKey {
  /// The key that the environment names: `HEAL_API_KEY`, else the file `HEAL_API_KEY_FILE`, else
  /// `OPENAI_API_KEY`.
  ///
  /// - Parameter environment: The variables.
  /// - Returns: The key; nil when none is named.
  /// - Throws: Why the one that is named cannot be used.
  public static func find(in environment: [String: String]) throws(ModelFailure) -> APIKey? {
    if let text = environment["HEAL_API_KEY"], !text.isEmpty {
      return try key(text, from: "HEAL_API_KEY")
    }
    if let path = environment["HEAL_API_KEY_FILE"], !path.isEmpty {
      return try key(try protectedText(path), from: "the file of HEAL_API_KEY_FILE")
    }
    guard let text = environment["OPENAI_API_KEY"], !text.isEmpty else { return nil }
    return try key(text, from: "OPENAI_API_KEY")
  }

  private static func key(_ text: String, from source: String) throws(ModelFailure) -> APIKey {
    guard let key = APIKey(text) else {
      throw ModelFailure(
        .invalid,
        "\(source) holds no key: a key is one word of printable characters",
        remedy: "correct it, or leave it out for a server that needs none"
      )
    }
    return key
  }

  /// The text of a file that nobody but its owner may read or change.
  private static func protectedText(_ path: String) throws(ModelFailure) -> String {
    func refused(_ why: String, _ remedy: String) -> ModelFailure {
      ModelFailure(.invalid, "the key file \(path) \(why)", remedy: remedy)
    }
    // Opened first and looked at then, so that what is checked is what is read; a named pipe is not
    // waited for.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw refused("cannot be read: \(String(cString: strerror(errno)))", "correct the path")
    }
    defer { close(descriptor) }
    var entry = stat()
    guard fstat(descriptor, &entry) == 0, entry.st_mode & S_IFMT == S_IFREG else {
      throw refused("is no file", "name a file that holds the key alone")
    }
    guard entry.st_uid == geteuid() else {
      throw refused("belongs to somebody else", "make a copy of your own with mode 600")
    }
    guard entry.st_mode & 0o077 == 0 else {
      throw refused("can be read or changed by others", "run `chmod 600 \(path)`")
    }
    var bytes = [UInt8](repeating: 0, count: 4097)
    let count = read(descriptor, &bytes, bytes.count)
    guard count >= 0, count <= 4096 else {
      throw refused("is too long", "name a file that holds the key alone")
    }
    return String(decoding: bytes[..<count], as: UTF8.self)
  }
}
