import HealingModel
import ModelProtocol
import Testing

@testable import LanguageModels

@Suite("Parsers")
struct ParserTests {
  private func events(_ pieces: [[UInt8]]) -> [String] {
    var parser = ServerSentEvents()
    var found = pieces.flatMap { parser.feed($0) }
    if let last = parser.finish() { found.append(last) }
    return found.map { String(decoding: $0, as: UTF8.self) }
  }

  @Test(
    "events of a stream",
    arguments: [
      ("data: a\n\ndata: b\n\n", ["a", "b"]), ("data:a\n\n", ["a"]), ("data:  a\n\n", [" a"]),
      ("data: a\r\n\r\ndata: b\r\r", ["a", "b"]), (": c\n\ndata: a\n\n", ["a"]),
      ("event: x\ndata: a\nid: 1\n\n", ["a"]), ("data: a\ndata: b\n\n", ["a\nb"]),
      ("data\n\n", [""]), ("\n\n\n", []), ("database: a\n\n", []), ("data: a", []),
      ("data: a\n", ["a"]), ("data: a\n\ndata: b", ["a"]),
    ]
  )
  func stream(text: String, expected: [String]) {
    #expect(events([Array(text.utf8)]) == expected)
  }

  @Test("a stream gives the same events however it is cut", arguments: 0..<100)
  func cuts(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let parts = ["data: ", "x", "é", "\n", "\r\n", "\r", ":", "event: y", "data:", " ", "[DONE]"]
    let text = (0..<40).map { _ in parts.randomElement(using: &generator) ?? "" }.joined()
    let bytes = Array(text.utf8)
    var pieces: [[UInt8]] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = Int.random(in: 1...min(5, rest.count), using: &generator)
      pieces.append(Array(rest.prefix(count)))
      rest = rest.dropFirst(count)
    }
    #expect(events(pieces) == events([bytes]))
  }

  @Test(
    "Retry-After in seconds and in all three forms of a date",
    arguments: [
      ("0", 0), ("120", 120), ("1e300", 1e9), ("Sun, 06 Nov 9994 08:49:37 GMT", 1e9),
      (" 1.5 ", 1.5), ("-3", 0),
      ("Sun, 06 Nov 1994 08:49:37 GMT", 37), ("Sunday, 06-Nov-94 08:49:37 GMT", 37),
      ("Sun Nov  6 08:49:37 1994", 37), ("Sun, 06 Nov 1994 08:49:00 GMT", 0),
      ("Thu, 29 Feb 1996 00:00:00 GMT", 41_440_260),
    ] as [(String, Double)]
  )
  func retryAfter(text: String, seconds: Double) {
    #expect(RetryAfter.seconds(text, now: 784_111_740) == seconds)
  }

  @Test(
    "a Retry-After that makes no sense is none",
    arguments: [
      "", "soon", "nan", "inf", "Sun, 06 Nov 1994", "Sun, 06 Foo 1994 08:49:37 GMT",
      "Sun, 99 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT", "08:49:37", "1 2 3:4:5",
      "Sun, 06 Nov 99999 08:49:37 GMT", "9223372036854775807 Nov 1 1:1:1",
    ]
  )
  func noRetryAfter(text: String) { #expect(RetryAfter.seconds(text, now: 0) == nil) }

  @Test("the time before a retry doubles up to its longest, and is never less than wanted")
  func backOff() {
    var generator = SeededGenerator(seed: 3)
    let policy = RetryPolicy(retries: 9, firstSeconds: 1, longestSeconds: 10)
    for (number, whole) in [(0, 1.0), (1, 2), (2, 4), (3, 8), (4, 10), (50, 10), (Int.max, 10)] {
      for _ in 0..<20 {
        let wait = policy.seconds(beforeRetry: number, wanted: nil, using: &generator)
        #expect((whole / 2...whole).contains(wait))
        #expect(policy.seconds(beforeRetry: number, wanted: 30, using: &generator) == 30)
      }
    }
  }

  @Test("which feature a refusal is about")
  func features() {
    let all = Set(ServerFeature.allCases)
    for (said, status, feature): (String, Int, ServerFeature?) in [
      ("'stream_options' unknown", 400, .streamedUsage), ("no STREAM here", 400, .stream),
      ("use max_completion_tokens instead", 400, .maxTokens), ("bad", 400, .schema),
      ("context length exceeded", 400, nil), ("bad", 500, nil), ("stream", 404, nil),
      ("temperature must be 1", 422, .temperature),
    ] {
      #expect(ServerFeature.toDrop(of: all, status: status, said: said) == feature, "\(said)")
    }
    #expect(ServerFeature.toDrop(of: [.maxTokens, .temperature], status: 400, said: "x") == nil)
  }

  @Test("nonsense of any kind is read without harm", arguments: 0..<100)
  func nonsense(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let parts = [
      "data: ", "{", "}", #""choices""#, ":", "[", "]", ",", #"{"index":0}"#, "null", "-1e999",
      #""delta":{"content":"x"}"#, "\n\n", "\u{feff}", "[DONE]", #""finish_reason":"stop""#,
    ]
    var reader = AnswerReader(wanted: 2, maxTokens: 5, maxBytes: 10_000)
    do throws(Setback) {
      for _ in 0..<30 {
        _ = try reader.feed(Array((parts.randomElement(using: &generator) ?? "").utf8))
      }
      _ = try reader.finish()
      #expect(try reader.answers().count <= 2)
    } catch {
      #expect(error.failure.kind != .invalid)
    }
  }
}
