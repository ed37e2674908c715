import Foundation

/// The encodings of Python source files by the names that Python gives them.
///
/// Left out are those whose tables differ between Python and Foundation: such a file is not edited.
enum PythonEncoding {
  /// The encoding of a name as a declaration has it; nil when it is not known here.
  static func named(_ name: String) -> String.Encoding? {
    // As CPython's tokenizer has it: what follows these two names does not matter.
    let short = normalised(String(name.prefix(12)))
    if short == "utf-8" || short.hasPrefix("utf-8-") { return .utf8 }
    for latin in ["latin-1", "iso-8859-1", "iso-latin-1"]
    where short == latin || short.hasPrefix(latin + "-") {
      return .isoLatin1
    }
    return encodings[normalised(name)]
  }

  private static func normalised(_ name: String) -> String {
    name.lowercased().replacing("_", with: "-")
  }

  private static let encodings: [String: String.Encoding] = {
    var all: [String: String.Encoding] = [
      "utf8": .utf8, "u8": .utf8, "utf": .utf8, "cp65001": .utf8, "ascii": .ascii, "646": .ascii,
      "us-ascii": .ascii, "latin1": .isoLatin1, "latin": .isoLatin1, "l1": .isoLatin1,
      "8859": .isoLatin1, "cp819": .isoLatin1, "iso8859": .isoLatin1, "iso8859-1": .isoLatin1,
      "iso-8859-1": .isoLatin1, "shift-jis": .shiftJIS, "sjis": .shiftJIS, "s-jis": .shiftJIS,
      "shiftjis": .shiftJIS, "mac-roman": coreFoundation(0), "macroman": coreFoundation(0),
      "macintosh": coreFoundation(0), "koi8-r": coreFoundation(0xA02),
      "koi8-u": coreFoundation(0xA08),
    ]
    // Which part of ISO 8859 has which Latin alphabet.
    for (part, latin) in [(2, 2), (3, 3), (4, 4), (9, 5), (10, 6), (13, 7), (15, 9), (16, 10)] {
      for name in ["latin\(latin)", "l\(latin)"] {
        all[name] = coreFoundation(0x200 + UInt(part))
      }
    }
    for part: UInt in [2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15, 16] {
      for name in ["iso-8859-\(part)", "iso8859-\(part)"] {
        all[name] = coreFoundation(0x200 + part)
      }
    }
    let others: [(name: String, page: UInt)] = [
      ("cyrillic", 0x205), ("arabic", 0x206), ("greek", 0x207), ("greek8", 0x207),
      ("hebrew", 0x208),
    ]
    for other in others { all[other.name] = coreFoundation(other.page) }
    // Code pages of Windows and DOS.
    for page: UInt in 1250...1258 {
      for name in ["cp\(page)", "windows-\(page)"] {
        all[name] = coreFoundation(0x500 + order(page))
      }
    }
    for (page, number): (Int, UInt) in [(850, 0x410), (866, 0x41B)] {
      for name in ["cp\(page)", "\(page)", "ibm\(page)"] { all[name] = coreFoundation(number) }
    }
    return all
  }()

  /// Whether the text can be one of this encoding: Foundation reads a control character where a page
  /// of Windows has none, and Python refuses it.
  static func couldBe(_ text: String, in encoding: String.Encoding) -> Bool {
    encoding.rawValue & ~0xFF != 0x8000_0500
      || !text.unicodeScalars.contains { (0x80...0x9F).contains($0.value) }
  }

  /// Core Foundation counts the Windows pages in an order of its own.
  private static func order(_ page: UInt) -> UInt {
    switch page {
    case 1250: 1
    case 1251: 2
    case 1252: 0
    default: page - 1250
    }
  }

  /// One of Core Foundation's numbers, as Foundation takes them.
  private static func coreFoundation(_ number: UInt) -> String.Encoding {
    String.Encoding(rawValue: 0x8000_0000 | number)
  }
}
