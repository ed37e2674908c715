import HealingModel
import ModelProtocol

/// Reads the body of an answer as it comes, a stream of events or one piece of JSON, whatever its
/// header says.
struct AnswerReader: Sendable {
  /// One answer as far as it came.
  struct Sample: Sendable {
    var text = ""
    /// Pieces that came, thoughts with them; a piece is at least one token.
    var pieces = 0
    var refusal = ""
    var finish: String?
  }

  /// A piece of text that came.
  struct Piece: Sendable, Hashable {
    var sample: Int
    var text: String
  }

  private enum Form { case unknown, events, whole }

  /// The answers, by their number.
  private(set) var samples: [Int: Sample] = [:]
  /// Tokens that the server read and generated, where it says so.
  private(set) var counted: (prompt: Int, completion: Int)?
  /// Whether no more is to come.
  private(set) var isDone = false
  /// Whether the server went on after all tokens that were allowed.
  private(set) var wasCut = false
  private let wanted: Int
  private let maxTokens: Int
  private let maxBytes: Int
  private var form = Form.unknown
  private var events = ServerSentEvents()
  private var body: [UInt8] = []
  private var received = 0

  /// Makes a reader.
  ///
  /// - Parameters:
  ///   - wanted: How many answers were asked for; others are ignored.
  ///   - maxTokens: An answer that goes on after so many is cut there.
  ///   - maxBytes: A body that goes on after so many is refused.
  init(wanted: Int, maxTokens: Int, maxBytes: Int) {
    (self.wanted, self.maxTokens, self.maxBytes) = (wanted, maxTokens, maxBytes)
  }

  /// Takes a piece of the body.
  ///
  /// - Parameter bytes: What came.
  /// - Returns: The texts that it brings.
  /// - Throws: Why the answer cannot be used.
  mutating func feed(_ bytes: some Collection<UInt8>) throws(Setback) -> [Piece] {
    received += bytes.count
    guard received <= maxBytes else { throw .tooLarge(maxBytes) }
    switch form {
    case .unknown:
      body += bytes
      guard let first = body.first(where: { !Self.blanks.contains($0) }) else { return [] }
      form = first == UInt8(ascii: "{") || first == UInt8(ascii: "<") ? .whole : .events
      if form == .whole { return [] }
      defer { body = [] }
      return try take(events.feed(body))
    case .events: return try take(events.feed(bytes))
    case .whole:
      body += bytes
      return []
    }
  }

  /// Takes the end of the body.
  ///
  /// - Returns: The texts that it brings.
  /// - Throws: Why the answer cannot be used.
  mutating func finish() throws(Setback) -> [Piece] {
    switch form {
    case .unknown: throw .connectionLost("it sent an answer without a body")
    case .events:
      var pieces: [Piece] = []
      if let last = events.finish() { pieces = try take([last]) }
      guard isDone || isComplete else {
        throw samples.isEmpty
          ? .unreadable("a stream without an answer")
          : .connectionLost("the stream ended in the middle of the answer")
      }
      return pieces
    case .whole:
      guard body.first(where: { !Self.blanks.contains($0) }) == UInt8(ascii: "{") else {
        throw .unreadable("a web page")
      }
      guard let chunk = ChatChunk(body) else { throw .unreadable("broken JSON") }
      let pieces = try take(chunk)
      // What came whole is whole, whether it says so or not.
      for (index, sample) in samples where sample.finish == nil { samples[index]?.finish = "stop" }
      return pieces
    }
  }

  /// Whether every answer that began has its end.
  private var isComplete: Bool {
    !samples.isEmpty && samples.values.allSatisfy { $0.finish != nil }
  }

  private mutating func take(_ events: [[UInt8]]) throws(Setback) -> [Piece] {
    var pieces: [Piece] = []
    for event in events where !isDone {
      if event.elementsEqual("[DONE]".utf8) {
        isDone = true
      } else {
        guard let chunk = ChatChunk(event) else { throw .unreadable("events that are no JSON") }
        pieces += try take(chunk)
      }
    }
    return pieces
  }

  private mutating func take(_ chunk: ChatChunk) throws(Setback) -> [Piece] {
    if let error = chunk.error { throw .serverError(said: error) }
    if let prompt = chunk.promptTokens, let completion = chunk.completionTokens,
      (0...Self.mostTokens).contains(prompt), (0...Self.mostTokens).contains(completion)
    {
      counted = (prompt, completion)
    }
    return chunk.choices.compactMap { choice in
      guard (0..<wanted).contains(choice.index) else { return nil }
      return take(choice)
    }
  }

  private mutating func take(_ choice: ChatChunk.Choice) -> Piece? {
    // Taken out while it changes, or its text would be copied for each piece.
    var sample = samples.removeValue(forKey: choice.index) ?? Sample()
    defer { samples[choice.index] = sample }
    guard sample.finish == nil else { return nil }
    sample.refusal += choice.refusal ?? ""
    sample.finish = choice.finish
    guard !choice.text.isEmpty || choice.hasThought else { return nil }
    guard form == .whole || sample.pieces < maxTokens else {
      // The server does not keep to the bound, so the connection is ended here.
      sample.finish = "length"
      wasCut = samples.values.allSatisfy { $0.finish != nil }
      isDone = wasCut
      return nil
    }
    sample.pieces += 1
    sample.text += choice.text
    return choice.text.isEmpty ? nil : Piece(sample: choice.index, text: choice.text)
  }

  /// What a server counts beyond that is no count.
  private static let mostTokens = 100_000_000
  private static let blanks: Set<UInt8> = [0x09, 0x0a, 0x0d, 0x20, 0xef, 0xbb, 0xbf]
}

extension AnswerReader {
  /// The texts as far as they came.
  var texts: [String] {
    samples.sorted { $0.key < $1.key }.map(\.value.text)
      .filter { text in text.contains { !$0.isWhitespace } }
  }

  /// What one request used up: as the server counted, else as it looks.
  func usage(promptEstimate: Int) -> ModelUsage {
    if let counted {
      return ModelUsage(
        requests: 1,
        promptTokens: counted.prompt,
        completionTokens: counted.completion
      )
    }
    let generated = samples.values.reduce(0) { sum, sample in
      sum + max(min(ModelUsage.estimatedTokens(in: sample.text), maxTokens), sample.pieces)
    }
    return ModelUsage(
      requests: 1,
      promptTokens: promptEstimate,
      completionTokens: generated,
      isEstimated: true
    )
  }

  /// The answers that hold text.
  ///
  /// - Throws: Why there is none.
  func answers() throws(Setback) -> [ChatAnswer.Sample] {
    let ordered = samples.sorted { $0.key < $1.key }.map(\.value)
    let useful = ordered.filter { sample in
      sample.refusal.isEmpty && sample.text.contains { !$0.isWhitespace }
        && sample.finish != "content_filter"
    }
    guard useful.isEmpty else {
      return useful.map {
        ChatAnswer.Sample(text: $0.text, finish: $0.finish == "length" ? .length : .stop)
      }
    }
    if let refused = ordered.first(where: {
      !$0.refusal.isEmpty || $0.finish == "content_filter"
    }) {
      throw .refusal(said: refused.refusal)
    }
    throw .emptyAnswer(ranOut: ordered.contains { $0.finish == "length" })
  }
}
