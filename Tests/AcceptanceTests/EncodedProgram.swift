import Foundation
import Testing

/// One program with two bugs, in one encoding, with one kind of line ends.
struct EncodedProgram: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var broken: Data
  var healed: Data
  /// What the healed one prints.
  var output: String

  /// Declared in the first or the second line or not at all, with each kind of line ends.
  static let all: [EncodedProgram] = {
    let declared: [(name: String, letter: Unicode.Scalar, encoding: String.Encoding)] = [
      ("latin-1", "é", .isoLatin1), ("iso-latin-1-unix", "é", .isoLatin1),
      ("cp1252", "€", .windowsCP1252), ("iso-8859-15", "€", latin9), ("utf-8", "€", .utf8),
      ("koi8-r", "ж", koi8),
    ]
    let lineEnds = [("LF", "\n"), ("CRLF", "\r\n"), ("CR", "\r")]
    var programs: [EncodedProgram?] = []
    for one in declared {
      for (number, first) in [(1, ""), (2, "#!/usr/bin/env python3\n")] {
        let (name, lineEnd) = lineEnds[programs.count % lineEnds.count]
        programs.append(
          EncodedProgram(
            "\(one.name) in line \(number), \(name)",
            header: first + "# -*- coding: \(one.name) -*-\n",
            letter: one.letter,
            lineEnd: lineEnd,
            encoding: one.encoding
          )
        )
      }
    }
    programs += [
      EncodedProgram("mixed line ends", header: "# é\r\n"),
      EncodedProgram("no declaration, CR", lineEnd: "\r"),
      EncodedProgram("byte-order mark, LF", mark: mark),
      EncodedProgram(
        "byte-order mark, CRLF",
        header: "# coding: utf-8\n",
        lineEnd: "\r\n",
        mark: mark
      ),
      EncodedProgram("utf-8-sig declared", header: "# coding: utf-8-sig\n"),
      EncodedProgram("carriage returns in a string", more: "a\rb\r\nc"),
      EncodedProgram("separators that end no line", more: "\u{2028}\u{85}\u{c}\u{1c}"),
      EncodedProgram("a letter of two scalars, one beyond 16 bits", more: "e\u{301}\u{1F600}"),
    ]
    return programs.compactMap { $0 }
  }()

  private static let mark = Data([0xef, 0xbb, 0xbf])
  private static let latin9 = String.Encoding(rawValue: 0x8000_020F)
  private static let koi8 = String.Encoding(rawValue: 0x8000_0A02)

  /// Nil when the encoding has no code for the letter.
  private init?(
    _ name: String,
    header: String = "",
    letter: Unicode.Scalar = "é",
    more: String = "",
    lineEnd: String = "\n",
    encoding: String.Encoding = .utf8,
    mark: Data = Data()
  ) {
    func bytes(colon: String, name: String) -> Data? {
      let text =
        header + "def f(x)\(colon)  # \(letter)\n    return x\n\n\n"
        + "text = \"\"\"\(letter)\(more)\"\"\"\nprint(f(1), ascii(\(name)[0]))\n"
      return text.replacing("\n", with: lineEnd).data(using: encoding).map { mark + $0 }
    }
    guard let broken = bytes(colon: "", name: "txet"), let healed = bytes(colon: ":", name: "text")
    else { return nil }
    (testDescription, self.broken, self.healed) = (name, broken, healed)
    let digits = String(letter.value, radix: 16)
    output =
      "1 '" + (letter.value < 0x100 ? "\\x" : "\\u" + (letter.value < 0x1000 ? "0" : "")) + digits
      + "'"
  }
}
