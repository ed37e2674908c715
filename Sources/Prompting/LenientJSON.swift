/// A value of JSON as a model writes it.
enum LenientJSON: Hashable {
  case object([String: LenientJSON])
  case array([LenientJSON])
  case text(String)
  case number(Double)
  case other

  subscript(key: String) -> LenientJSON? {
    guard case .object(let members) = self else { return nil }
    return members[key]
  }

  /// The text under the first of `keys` that has one.
  func text(_ keys: String...) -> String? {
    for key in keys {
      if case .text(let text)? = self[key] { return text }
    }
    return nil
  }

  /// The whole number under the first of `keys` that has one.
  func number(_ keys: String...) -> Int? {
    for key in keys {
      switch self[key] {
      case .number(let value)? where abs(value) < 1e9: return Int(value)
      case .text(let text)?: if let value = Int(text) { return value }
      default: continue
      }
    }
    return nil
  }

  /// The objects of the list under the first of `keys` that has one; one object counts as a list.
  func objects(_ keys: String...) -> [LenientJSON]? {
    for key in keys {
      switch self[key] {
      case .array(let items)?: return items.filter { if case .object = $0 { true } else { false } }
      case .object(let members)?: return [.object(members)]
      default: continue
      }
    }
    return nil
  }

  /// The value at the beginning of `bytes`, and whether it is whole.
  ///
  /// Beyond the standard: commas too many, comments of a line, line ends in texts, unknown escapes,
  /// and an end before the value's, where members and items that are whole are kept.
  static func parse(_ bytes: ArraySlice<UInt8>) -> (value: LenientJSON, isWhole: Bool)? {
    var parser = LenientJSONParser(bytes: bytes)
    guard let value = parser.value(depth: 0) else { return nil }
    return (value, !parser.isCut)
  }
}

private struct LenientJSONParser {
  var bytes: ArraySlice<UInt8>
  var isCut = false

  /// Deeper values are no answer of a model; reading them would use up the stack.
  private static let mostDepth = 32

  init(bytes: ArraySlice<UInt8>) { self.bytes = bytes }

  mutating func value(depth: Int) -> LenientJSON? {
    skipSpace()
    guard depth < Self.mostDepth else { return nil }
    guard let byte = bytes.first else {
      isCut = true
      return nil
    }
    switch byte {
    case UInt8(ascii: "{"): return object(depth)
    case UInt8(ascii: "["): return array(depth)
    case UInt8(ascii: "\""): return text().map(LenientJSON.text)
    default: return word()
    }
  }

  private mutating func object(_ depth: Int) -> LenientJSON? {
    bytes.removeFirst()
    var members: [String: LenientJSON] = [:]
    while true {
      skipSpace()
      guard let byte = bytes.first else {
        isCut = true
        return .object(members)
      }
      if byte == UInt8(ascii: "}") {
        bytes.removeFirst()
        return .object(members)
      }
      if byte == UInt8(ascii: ",") {
        bytes.removeFirst()
        continue
      }
      guard byte == UInt8(ascii: "\""), let key = text() else { return cutOrNil(.object(members)) }
      skipSpace()
      guard bytes.first == UInt8(ascii: ":") else { return cutOrNil(.object(members)) }
      bytes.removeFirst()
      let isWholeBefore = !isCut
      guard let item = value(depth: depth + 1) else { return cutOrNil(.object(members)) }
      // A list may be used as far as it goes; a text or an object that was cut may not.
      if isWholeBefore, isCut, case .array = item {} else if isCut { return .object(members) }
      members[key] = item
      if isCut { return .object(members) }
    }
  }

  private mutating func array(_ depth: Int) -> LenientJSON? {
    bytes.removeFirst()
    var items: [LenientJSON] = []
    while true {
      skipSpace()
      guard let byte = bytes.first else {
        isCut = true
        return .array(items)
      }
      if byte == UInt8(ascii: "]") {
        bytes.removeFirst()
        return .array(items)
      }
      if byte == UInt8(ascii: ",") {
        bytes.removeFirst()
        continue
      }
      guard let item = value(depth: depth + 1) else { return cutOrNil(.array(items)) }
      if isCut { return .array(items) }
      items.append(item)
    }
  }

  private func cutOrNil(_ value: LenientJSON) -> LenientJSON? { isCut ? value : nil }

  private mutating func text() -> String? {
    bytes.removeFirst()
    var result: [UInt8] = []
    while let byte = bytes.first {
      bytes.removeFirst()
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: result, as: UTF8.self)
      case UInt8(ascii: "\\"): result += escape()
      default: result.append(byte)
      }
    }
    isCut = true
    return nil
  }

  private mutating func escape() -> [UInt8] {
    guard let byte = bytes.popFirst() else { return [] }
    switch byte {
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "u"): return unicode()
    default: return [UInt8(ascii: "\\"), byte]
    }
  }

  private mutating func unicode() -> [UInt8] {
    guard let first = hexadecimal() else { return Array("\\u".utf8) }
    var code = first
    if (0xD800..<0xDC00).contains(first), bytes.starts(with: Array("\\u".utf8)) {
      let before = bytes
      bytes.removeFirst(2)
      if let second = hexadecimal(), (0xDC00..<0xE000).contains(second) {
        code = 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
      } else {
        bytes = before
      }
    }
    let scalar = Unicode.Scalar(code) ?? "\u{FFFD}"
    return Array(String(Character(scalar)).utf8)
  }

  private mutating func hexadecimal() -> UInt32? {
    let digits = bytes.prefix(4)
    guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    else { return nil }
    bytes.removeFirst(4)
    return code
  }

  private mutating func word() -> LenientJSON? {
    let ends = Array(",]}: \n\t\r\"".utf8)
    let word = bytes.prefix { !ends.contains($0) }
    guard !word.isEmpty else { return nil }
    bytes = bytes.dropFirst(word.count)
    let text = String(decoding: word, as: UTF8.self)
    if let number = Double(text) { return .number(number) }
    if ["true", "false", "null"].contains(text) { return .other }
    if bytes.isEmpty { isCut = true }
    return nil
  }

  private mutating func skipSpace() {
    while let byte = bytes.first {
      if byte == 0x20 || (0x09...0x0D).contains(byte) {
        bytes.removeFirst()
      } else if bytes.starts(with: Array("//".utf8)) {
        bytes = bytes.drop { $0 != 0x0A }
      } else {
        return
      }
    }
  }
}
