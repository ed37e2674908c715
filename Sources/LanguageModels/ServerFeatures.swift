/// What a request may ask of a server beyond the bare minimum; servers refuse some of it.
enum ServerFeature: String, Sendable, Hashable, CaseIterable {
  /// An answer that follows a JSON schema.
  case schema
  /// Usage at the end of a stream.
  case streamedUsage
  /// A seed of the sampling.
  case seed
  /// Several answers to one request.
  case samples
  /// The bound of tokens under the name `max_tokens`, and not `max_completion_tokens`.
  case maxTokens
  /// A temperature.
  case temperature
  /// An answer in pieces.
  case stream

  /// Words in a refusal that point to it.
  private var words: [String] {
    switch self {
    case .schema: ["response_format", "json_schema", "schema", "grammar", "structured"]
    case .streamedUsage: ["stream_options", "include_usage"]
    case .seed: ["seed"]
    case .samples: ["'n'", "\"n\"", "`n`", "multiple completions", "n > 1", "only one completion"]
    case .maxTokens: ["max_completion_tokens"]
    case .temperature: ["temperature"]
    case .stream: ["stream"]
    }
  }

  /// The feature that a request should do without after it was refused.
  ///
  /// - Parameters:
  ///   - used: What the request asked for.
  ///   - status: The status of the refusal.
  ///   - said: The server's words.
  /// - Returns: The feature; nil when the refusal has another reason.
  static func toDrop(of used: Set<ServerFeature>, status: Int, said: String) -> ServerFeature? {
    guard [400, 405, 415, 422, 501].contains(status) else { return nil }
    let said = said.lowercased()
    let asked = allCases.filter { used.contains($0) }
    if let named = asked.first(where: { feature in feature.words.contains { said.contains($0) } }) {
      return named
    }
    let isTooLong = ["context", "too long", "too large", "maximum length", "exceed"].contains {
      said.contains($0)
    }
    // The bound of tokens and the temperature every server has: only its own word says otherwise.
    return isTooLong ? nil : asked.first { $0 != .maxTokens && $0 != .temperature }
  }
}
