import Foundation
import HealingModel

/// The decoding of Python source files, as PEP 263 has it, and the way back.
///
/// The encoding is that of the byte-order mark or of the comment in the first two lines, else
/// UTF-8. Encodings that are no superset of ASCII, and those that Foundation does not know, make a
/// file one that is not edited.
public enum SourceCoding {
  /// The text of a file, without byte-order mark, line ends untouched.
  ///
  /// - Parameter bytes: The file's bytes.
  /// - Returns: The text, or nil when the bytes are none in the file's encoding.
  public static func decode(_ bytes: [UInt8]) -> String? {
    let body = hasMark(bytes) ? bytes.dropFirst(3) : bytes[...]
    guard let encoding = encoding(of: bytes) else { return nil }
    guard encoding != .utf8 else { return String(validating: body, as: UTF8.self) }
    // A text that cannot be written back as it was is none that may be changed.
    guard let text = String(data: Data(body), encoding: encoding),
      text.data(using: encoding) == Data(body), PythonEncoding.couldBe(text, in: encoding)
    else { return nil }
    return text
  }

  /// The bytes of a changed file, in the encoding and with the byte-order mark of the original.
  ///
  /// - Parameters:
  ///   - text: The new text.
  ///   - original: The bytes of the file that the text came from.
  /// - Returns: The bytes, or nil when the encoding has no code for a character of the text.
  public static func encode(_ text: String, like original: [UInt8]) -> [UInt8]? {
    let mark: [UInt8] = hasMark(original) ? [0xef, 0xbb, 0xbf] : []
    switch encoding(of: original) {
    case .utf8: return mark + Array(text.utf8)
    case .some(let encoding): return text.data(using: encoding).map { mark + Array($0) }
    case nil: return nil
    }
  }

  private static func hasMark(_ bytes: [UInt8]) -> Bool {
    bytes.starts(with: [0xef, 0xbb, 0xbf])
  }

  /// The encoding that the bytes declare; nil for one that is not known here, or that contradicts
  /// the byte-order mark, as CPython sees it.
  private static func encoding(of bytes: [UInt8]) -> String.Encoding? {
    guard let name = declaredName(in: bytes) else { return .utf8 }
    let encoding = PythonEncoding.named(name)
    return hasMark(bytes) && encoding != .utf8 ? nil : encoding
  }

  /// The name that a comment in the first two lines gives; lines end as Python ends them.
  private static func declaredName(in bytes: [UInt8]) -> String? {
    let head = (hasMark(bytes) ? bytes.dropFirst(3) : bytes[...]).prefix(2000)
    // Only what stands before a non-ASCII byte can be a declaration's name.
    let text = String(decoding: head.map { $0 < 0x80 ? $0 : 0x3f }, as: UTF8.self)
    let lines = text.split(omittingEmptySubsequences: false) {
      $0 == "\n" || $0 == "\r\n" || $0 == "\r"
    }
    for line in lines.prefix(2) {
      guard line.drop(while: { " \t\u{c}".contains($0) }).hasPrefix("#") else {
        if line.allSatisfy(\.isWhitespace) { continue }
        return nil
      }
      if let match = line.firstMatch(of: /coding[:=][ \t]*([-_.a-zA-Z0-9]+)/) {
        return String(match.1)
      }
    }
    return nil
  }
}
