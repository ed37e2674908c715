import Foundation

/// Reads JSON from front to back, straight into values.
///
/// Runs under schedules come with many thousand numbers a second, for which `JSONDecoder` is too
/// slow. What does not have the expected shape is refused with the place where that showed.
struct WireReader {
  private let bytes: [UInt8]
  private var at = 0
  private var depth = 0

  /// How deep values may be nested.
  private static let depthLimit = 64

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// An error that says what was expected here.
  func malformed(_ expected: String) -> AgentError {
    .malformedReply("byte \(at): expected \(expected)")
  }

  /// Reads an object; `member` is called with each name and has to read the value.
  mutating func object(_ member: (inout WireReader, String) throws -> Void) throws {
    try sequence("{", "}") { reader in
      let name = try reader.string()
      try reader.take(UInt8(ascii: ":"), as: "`:`")
      try member(&reader, name)
    }
  }

  /// Reads an array; `element` has to read each value.
  mutating func array(_ element: (inout WireReader) throws -> Void) throws {
    try sequence("[", "]", element)
  }

  /// Reads an array of whole numbers.
  mutating func integers() throws -> [Int] {
    var numbers: [Int] = []
    try array { numbers.append(try $0.integer()) }
    return numbers
  }

  /// Reads an array of texts.
  mutating func strings() throws -> [String] {
    var texts: [String] = []
    try array { texts.append(try $0.string()) }
    return texts
  }

  /// Reads a whole number.
  mutating func integer() throws -> Int {
    skipSpace()
    let isNegative = at < bytes.count && bytes[at] == UInt8(ascii: "-")
    var place = isNegative ? at + 1 : at
    let first = place
    var value = 0
    while place < bytes.count, case let digit = bytes[place] &- 48, digit < 10 {
      value = value &* 10 &+ Int(digit)
      place += 1
    }
    let count = place - first
    guard count > 0, count < 19, count == 1 || bytes[first] != 48, !isFraction(at: place) else {
      throw malformed("a whole number")
    }
    at = place
    return isNegative ? -value : value
  }

  /// Reads a number.
  mutating func number() throws -> Double {
    skipSpace()
    let first = at
    var place = at < bytes.count && bytes[at] == UInt8(ascii: "-") ? at + 1 : at
    let whole = digits(from: place)
    var isNumber = whole > 0 && (whole == 1 || bytes[place] != 48)
    place += whole
    if place < bytes.count, bytes[place] == UInt8(ascii: ".") {
      let count = digits(from: place + 1)
      isNumber = isNumber && count > 0
      place += 1 + count
    }
    if place < bytes.count, bytes[place] | 0x20 == UInt8(ascii: "e") {
      let isSigned = place + 1 < bytes.count && "+-".utf8.contains(bytes[place + 1])
      let count = digits(from: place + (isSigned ? 2 : 1))
      isNumber = isNumber && count > 0
      place += (isSigned ? 2 : 1) + count
    }
    guard isNumber, let value = Double(String(decoding: bytes[first..<place], as: UTF8.self)) else {
      throw malformed("a number")
    }
    at = place
    return value
  }

  /// How many digits stand at a place.
  private func digits(from place: Int) -> Int {
    bytes[min(place, bytes.count)...].prefix { $0 &- 48 < 10 }.count
  }

  /// Reads true or false.
  mutating func bool() throws -> Bool {
    if takeWord("true") { return true }
    if takeWord("false") { return false }
    throw malformed("true or false")
  }

  /// Reads null, when it comes next.
  mutating func null() -> Bool { takeWord("null") }

  /// Reads a text.
  mutating func string() throws -> String {
    try take(UInt8(ascii: "\""), as: "a text")
    let first = at
    while at < bytes.count, bytes[at] != UInt8(ascii: "\""), bytes[at] != UInt8(ascii: "\\") {
      guard bytes[at] >= 0x20 else { throw malformed("no control character in a text") }
      at += 1
    }
    guard at < bytes.count else { throw malformed("the end of a text") }
    if bytes[at] == UInt8(ascii: "\"") {
      at += 1
      return String(decoding: bytes[first..<(at - 1)], as: UTF8.self)
    }
    while at < bytes.count, bytes[at] != UInt8(ascii: "\"") {
      at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1
    }
    guard at < bytes.count else { throw malformed("the end of a text") }
    at += 1
    guard
      let text = try? JSONDecoder().decode(String.self, from: Data(bytes[(first - 1)..<at]))
    else { throw malformed("a text without unknown escapes") }
    return text
  }

  /// Reads any value and gives its bytes.
  mutating func raw() throws -> Data {
    skipSpace()
    let first = at
    try skip()
    return Data(bytes[first..<at])
  }

  /// Reads any value and forgets it.
  mutating func skip() throws {
    skipSpace()
    guard at < bytes.count else { throw malformed("a value") }
    switch bytes[at] {
    case UInt8(ascii: "{"): try object { reader, _ in try reader.skip() }
    case UInt8(ascii: "["): try array { try $0.skip() }
    case UInt8(ascii: "\""): _ = try string()
    case UInt8(ascii: "t"), UInt8(ascii: "f"): _ = try bool()
    case UInt8(ascii: "n"): guard null() else { throw malformed("a value") }
    default: _ = try number()
    }
  }

  /// Makes sure that nothing follows.
  mutating func finish() throws {
    skipSpace()
    guard at == bytes.count else { throw malformed("nothing more") }
  }

  // MARK: Parts

  private mutating func sequence(
    _ open: Unicode.Scalar,
    _ close: Unicode.Scalar,
    _ element: (inout WireReader) throws -> Void
  ) throws {
    try take(UInt8(ascii: open), as: "`\(open)`")
    depth += 1
    guard depth <= Self.depthLimit else { throw malformed("less nesting") }
    defer { depth -= 1 }
    if takeIfNext(UInt8(ascii: close)) { return }
    while true {
      try element(&self)
      if takeIfNext(UInt8(ascii: close)) { return }
      try take(UInt8(ascii: ","), as: "`,` or `\(close)`")
    }
  }

  private mutating func take(_ byte: UInt8, as expected: @autoclosure () -> String) throws {
    guard takeIfNext(byte) else { throw malformed(expected()) }
  }

  private mutating func takeIfNext(_ byte: UInt8) -> Bool {
    skipSpace()
    guard at < bytes.count, bytes[at] == byte else { return false }
    at += 1
    return true
  }

  private mutating func takeWord(_ word: StaticString) -> Bool {
    skipSpace()
    let length = word.utf8CodeUnitCount
    guard at + length <= bytes.count else { return false }
    for index in 0..<length where bytes[at + index] != word.utf8Start[index] { return false }
    at += length
    return true
  }

  private mutating func skipSpace() {
    while at < bytes.count {
      let byte = bytes[at]
      guard byte == 32 || byte == 10 || byte == 13 || byte == 9 else { return }
      at += 1
    }
  }

  private func isFraction(at place: Int) -> Bool {
    place < bytes.count && ".eE".utf8.contains(bytes[place])
  }
}
