import Foundation

@testable import heal

/// Checks values against the schemas in `schema/`, for the keywords that these use.
///
/// A keyword that it does not know is a violation, so that no rule is silently left out.
struct JSONSchema {
  private let documents: [String: JSON]
  private let name: String

  /// The schema in `schema/<name>`.
  init(_ name: String) throws {
    let folder = projectFolder + "/schema"
    var documents: [String: JSON] = [:]
    for file in try FileManager.default.contentsOfDirectory(atPath: folder) {
      let data = FileManager.default.contents(atPath: folder + "/" + file) ?? Data()
      documents[file] = try JSON.parse(data).get()
    }
    self.documents = documents
    self.name = name
  }

  /// What is wrong with `value`, each with its place; empty when it fits.
  func violations(of value: JSON) -> [String] {
    guard let schema = documents[name] else { return ["there is no schema \(name)"] }
    return violations(of: value, schema, in: name, at: "$")
  }

  private func violations(
    of value: JSON,
    _ schema: JSON,
    in document: String,
    at place: String
  ) -> [String] {
    guard case .object(let keywords) = schema else { return ["\(place): the schema is no object"] }
    return keywords.flatMap { keyword in
      check(value, keyword.name, keyword.value, schema, in: document, at: place)
    }
  }

  private func check(
    _ value: JSON,
    _ keyword: String,
    _ rule: JSON,
    _ schema: JSON,
    in document: String,
    at place: String
  ) -> [String] {
    switch keyword {
    case "$schema", "$id", "$defs", "description": return []
    case "$ref":
      guard let (target, file) = resolve(rule, in: document) else {
        return ["\(place): no schema \(rule)"]
      }
      return violations(of: value, target, in: file, at: place)
    case "type":
      let names = rule.elements ?? [rule]
      return names.contains { value.hasType($0) } ? [] : ["\(place): \(value) is no \(rule)"]
    case "const": return value == rule ? [] : ["\(place): \(value) is not \(rule)"]
    case "enum":
      return rule.elements?.contains(value) == true ? [] : ["\(place): \(value) is none of \(rule)"]
    case "minimum":
      guard let number = value.double, let least = rule.double, number < least else { return [] }
      return ["\(place): \(value) is below \(rule)"]
    case "pattern":
      guard case .string(let text) = value, case .string(let pattern) = rule else { return [] }
      let fits = (try? Regex(pattern)).map { text.contains($0) } ?? false
      return fits ? [] : ["\(place): \(value) does not match \(rule)"]
    case "anyOf":
      let found = (rule.elements ?? []).map { violations(of: value, $0, in: document, at: place) }
      return found.contains([]) ? [] : found.flatMap { $0 }
    case "items":
      return (value.elements ?? []).enumerated().flatMap { index, element in
        violations(of: element, rule, in: document, at: "\(place)[\(index)]")
      }
    case "properties":
      return (value.members ?? []).flatMap { member -> [String] in
        guard let property = rule[member.name] else { return [] }
        return violations(of: member.value, property, in: document, at: "\(place).\(member.name)")
      }
    case "required":
      guard let members = value.members else { return [] }
      let missing = (rule.elements ?? []).filter { name in
        !members.contains { .string($0.name) == name }
      }
      return missing.map { "\(place): \($0) is missing" }
    case "additionalProperties":
      let known = schema["properties"]
      let extra = (value.members ?? []).filter { known?[$0.name] == nil }
      return rule == .bool(false)
        ? extra.map { "\(place): unknown \($0.name)" } : ["\(place): \(rule)"]
    default: return ["\(place): the validator does not know `\(keyword)`"]
    }
  }

  private func resolve(_ reference: JSON, in document: String) -> (JSON, String)? {
    guard case .string(let text) = reference else { return nil }
    let parts = text.split(separator: "#", omittingEmptySubsequences: false).map(String.init)
    let file = parts[0].isEmpty ? document : parts[0]
    guard var schema = documents[file] else { return nil }
    for step in (parts.count > 1 ? parts[1] : "").split(separator: "/") {
      guard let next = schema[String(step)] else { return nil }
      schema = next
    }
    return (schema, file)
  }
}

extension JSON {
  var elements: [JSON]? {
    guard case .array(let values) = self else { return nil }
    return values
  }

  var members: [Member]? {
    guard case .object(let members) = self else { return nil }
    return members
  }

  var text: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  fileprivate var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  fileprivate func hasType(_ name: JSON) -> Bool {
    switch (self, name) {
    case (.null, "null"), (.bool, "boolean"), (.string, "string"), (.array, "array"),
      (.object, "object"), (.integer, "integer"), (.integer, "number"), (.number, "number"):
      true
    default: false
    }
  }
}

/// The project's folder.
let projectFolder = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
