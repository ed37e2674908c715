import Foundation

/// An answer of a server, or a piece of one, as far as it matters here.
///
/// What is missing or of another type is left out rather than refused: servers differ in all but this.
struct ChatChunk: Sendable, Decodable {
  /// One of several answers.
  struct Choice: Sendable, Decodable {
    var index: Int
    var text: String
    /// Text that a model thinks and does not say.
    var hasThought: Bool
    var refusal: String?
    var finish: String?
  }

  var choices: [Choice]
  var promptTokens: Int?
  var completionTokens: Int?
  var error: String?

  /// Reads the bytes; bytes that are no UTF-8 are replaced, and nil is what is no JSON object.
  init?(_ bytes: some Collection<UInt8>) {
    let repaired = Data(String(decoding: bytes, as: UTF8.self).utf8)
    guard let chunk = try? JSONDecoder().decode(ChatChunk.self, from: repaired) else { return nil }
    self = chunk
  }

  private enum Key: String, CodingKey {
    case choices, usage, error, message, detail
    case promptTokens = "prompt_tokens"
    case completionTokens = "completion_tokens"
  }

  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    choices = (try? values.decode([Choice].self, forKey: .choices)) ?? []
    let usage = try? values.nestedContainer(keyedBy: Key.self, forKey: .usage)
    promptTokens = try? usage?.decode(Int.self, forKey: .promptTokens)
    completionTokens = try? usage?.decode(Int.self, forKey: .completionTokens)
    let inner = try? values.nestedContainer(keyedBy: Key.self, forKey: .error)
    error =
      (try? inner?.decode(String.self, forKey: .message))
      ?? (try? values.decode(String.self, forKey: .error))
    if error == nil, !values.contains(.choices) {
      error =
        (try? values.decode(String.self, forKey: .message))
        ?? (try? values.decode(String.self, forKey: .detail))
    }
    if error == nil, inner != nil { error = "an error without words" }
  }
}

extension ChatChunk.Choice {
  private enum Key: String, CodingKey {
    case index, delta, message, text, content, refusal, type, reasoning
    case finish = "finish_reason"
    case thought = "reasoning_content"
  }

  private struct Part: Decodable { var text: String? }

  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    index = (try? values.decode(Int.self, forKey: .index)) ?? 0
    finish = try? values.decode(String.self, forKey: .finish)
    let message =
      (try? values.nestedContainer(keyedBy: Key.self, forKey: .delta))
      ?? (try? values.nestedContainer(keyedBy: Key.self, forKey: .message))
    refusal = try? message?.decode(String.self, forKey: .refusal)
    let thought =
      (try? message?.decode(String.self, forKey: .thought))
      ?? (try? message?.decode(String.self, forKey: .reasoning))
    hasThought = thought?.isEmpty == false
    let parts = try? message?.decode([Part].self, forKey: .content)
    text =
      (try? message?.decode(String.self, forKey: .content))
      ?? parts?.compactMap(\.text).joined()
      ?? (try? values.decode(String.self, forKey: .text)) ?? ""
  }
}
