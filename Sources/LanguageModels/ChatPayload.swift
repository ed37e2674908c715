import Foundation
import ModelProtocol

/// The body of a request for an answer.
struct ChatPayload: Sendable {
  var request: ChatRequest
  var model: String
  var grant: TokenLedger.Grant
  var features: Set<ServerFeature>

  /// What of the server's features such a request would ask for, those left out that it lacks.
  static func features(
    for request: ChatRequest,
    samples: Int,
    without lacking: Set<ServerFeature>
  ) -> Set<ServerFeature> {
    var features: Set<ServerFeature> = [.stream, .streamedUsage, .maxTokens, .temperature]
    if request.schema != nil { features.insert(.schema) }
    if request.seed != nil { features.insert(.seed) }
    if samples > 1 { features.insert(.samples) }
    if lacking.contains(.stream) { features.remove(.streamedUsage) }
    return features.subtracting(lacking)
  }

  /// The body as JSON.
  ///
  /// - Throws: When the schema is no JSON, or a number is not finite.
  func bytes() throws(Setback) -> [UInt8] {
    let messages = request.messages.map { ["role": $0.role.rawValue, "content": $0.content] }
    var body: [String: Any] = [
      "model": model, "messages": messages,
      "stream": features.contains(.stream),
      (features.contains(.maxTokens) ? "max_tokens" : "max_completion_tokens"): grant.tokensEach,
    ]
    if features.contains(.temperature) {
      guard request.temperature.isFinite else {
        throw .invalid("the temperature is no number", remedy: "choose one from 0 to 2")
      }
      body["temperature"] = request.temperature
    }
    if features.contains(.stream), features.contains(.streamedUsage) {
      body["stream_options"] = ["include_usage": true]
    }
    if features.contains(.seed), let seed = request.seed { body["seed"] = seed }
    if features.contains(.samples), grant.samples > 1 { body["n"] = grant.samples }
    if features.contains(.schema), let schema = request.schema {
      body["response_format"] = [
        "type": "json_schema",
        "json_schema": ["name": "answer", "strict": true, "schema": try Self.object(schema)],
      ]
    }
    guard let data = try? JSONSerialization.data(withJSONObject: body, options: [.sortedKeys])
    else { throw .invalid("the request cannot be written as JSON", remedy: "report this") }
    return Array(data)
  }

  private static func object(_ text: String) throws(Setback) -> [String: Any] {
    guard let value = try? JSONSerialization.jsonObject(with: Data(text.utf8)),
      let object = value as? [String: Any]
    else {
      throw .invalid("the schema of the answer is no JSON object", remedy: "correct the schema")
    }
    return object
  }
}
