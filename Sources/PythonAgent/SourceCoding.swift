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
    switch encoding(of: bytes) {
    case .utf8: return String(validating: body, as: UTF8.self)
    case .some(let encoding): return String(data: Data(body), encoding: encoding)
    case nil: return nil
    }
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

  private static func encoding(of bytes: [UInt8]) -> String.Encoding? {
    let lines = bytes.prefix(2000).split(
      separator: UInt8(ascii: "\n"),
      maxSplits: 2,
      omittingEmptySubsequences: false
    ).prefix(2)
    for line in lines {
      let text = String(decoding: line, as: UTF8.self)
      guard text.drop(while: { " \t\u{c}\u{feff}".contains($0) }).hasPrefix("#") else {
        if text.allSatisfy(\.isWhitespace) { continue }
        break
      }
      if let match = text.firstMatch(of: /coding[:=][ \t]*([-_.a-zA-Z0-9]+)/) {
        return known(String(match.1))
      }
    }
    return .utf8
  }

  private static func known(_ name: String) -> String.Encoding? {
    switch name.lowercased().replacing("_", with: "-") {
    case "utf-8", "utf8", "u8", "utf-8-sig": .utf8
    case "ascii", "us-ascii": .ascii
    case "latin-1", "latin1", "iso-8859-1", "iso8859-1", "l1": .isoLatin1
    case "iso-8859-2", "latin-2", "latin2": .isoLatin2
    case "cp1250", "windows-1250": .windowsCP1250
    case "cp1251", "windows-1251": .windowsCP1251
    case "cp1252", "windows-1252": .windowsCP1252
    case "cp1253", "windows-1253": .windowsCP1253
    case "cp1254", "windows-1254": .windowsCP1254
    case "euc-jp", "eucjp": .japaneseEUC
    case "shift-jis", "sjis": .shiftJIS
    default: nil
    }
  }
}
