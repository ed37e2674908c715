import Foundation

extension JSON: Decodable {
  private struct MemberName: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// Reads any JSON value; members come out sorted by name.
  init(from decoder: any Decoder) throws {
    if let keyed = try? decoder.container(keyedBy: MemberName.self) {
      let names = keyed.allKeys.sorted { $0.stringValue < $1.stringValue }
      self = .object(
        try names.map {
          Member(name: $0.stringValue, value: try keyed.decode(JSON.self, forKey: $0))
        }
      )
    } else if var values = try? decoder.unkeyedContainer() {
      var elements: [JSON] = []
      while !values.isAtEnd { elements.append(try values.decode(JSON.self)) }
      self = .array(elements)
    } else {
      self = try JSON(single: try decoder.singleValueContainer())
    }
  }

  private init(single container: any SingleValueDecodingContainer) throws {
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Int.self) {
      self = .integer(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else {
      self = .string(try container.decode(String.self))
    }
  }

  /// The value that `text` writes, or why it is none.
  static func parse(_ text: some Sequence<UInt8>) -> Result<JSON, JSONSyntaxError> {
    do {
      return .success(try JSONDecoder().decode(JSON.self, from: Data(text)))
    } catch DecodingError.dataCorrupted(let context) {
      let cause = context.underlyingError.map { ": \(($0 as NSError).debugReason)" } ?? ""
      return .failure(JSONSyntaxError(description: "it is not JSON\(cause)"))
    } catch {
      return .failure(JSONSyntaxError(description: "it is not JSON"))
    }
  }
}

/// Why a text is not JSON.
struct JSONSyntaxError: Error, Hashable, CustomStringConvertible {
  /// What is wrong, in a few words.
  var description: String
}

extension NSError {
  fileprivate var debugReason: String {
    userInfo[NSDebugDescriptionErrorKey] as? String ?? localizedDescription
  }
}
