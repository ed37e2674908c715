import ModelProtocol

/// One way in which a server misbehaves, and how a request to it must end.
struct FaultCase: Sendable, CustomStringConvertible {
  /// How a request ends.
  enum End: Sendable, Equatable {
    case answer(String, ChatAnswer.Finish = .stop)
    case failure(ModelFailure.Kind, partial: [String] = [])
  }

  var description: String
  /// What the server does at the request of this number.
  var script: @Sendable (_ number: Int) -> [FaultServer.Step]
  var end: End
  var seconds = patience
  var changes: @Sendable (inout ChatRequest) -> Void = { _ in }

  init(
    _ description: String,
    _ end: End,
    seconds: Double = patience,
    changes: @escaping @Sendable (inout ChatRequest) -> Void = { _ in },
    _ script: @escaping @Sendable (_ number: Int) -> [FaultServer.Step]
  ) {
    (self.description, self.end, self.seconds) = (description, end, seconds)
    (self.changes, self.script) = (changes, script)
  }
}

extension FaultCase {
  /// Every case.
  static let all = statuses + silences + brokenConnections + sizes + oddAnswers + oddStreams

  private static let right: [FaultServer.Step] = .saying(["right"])
  private static let page = "<!doctype html><html><body>It works!</body></html>"
  private static let error = #"{"error":{"message":"out of luck","code":1}}"#

  static let statuses = [
    FaultCase("HTML instead of JSON", .failure(.unreadable)) { _ in
      .whole(page.utf8, type: "text/html")
    },
    FaultCase("HTML with a failure", .failure(.serverError)) { _ in
      .whole(page.utf8, status: "502 Bad Gateway", type: "text/html")
    },
    FaultCase("401", .failure(.unauthorized)) { _ in .json(error, status: "401 Unauthorized") },
    FaultCase("404", .failure(.notFound)) { _ in .json(error, status: "404 Not Found") },
    FaultCase("429 for ever, without Retry-After", .failure(.rateLimited)) { _ in
      .json(error, status: "429 Too Many Requests")
    },
    FaultCase("429 with a Retry-After of seconds, then right", .answer("right")) { number in
      number > 0
        ? right : .json(error, status: "429 Too Many Requests", headers: ["Retry-After: 3"])
    },
    FaultCase("429 with a Retry-After that is a date, then right", .answer("right")) { number in
      number > 0
        ? right
        : .json(
          error,
          status: "429 Too Many Requests",
          headers: ["Retry-After: Thu, 01 Jan 1970 00:16:45 GMT"]
        )
    },
    FaultCase("429 with a Retry-After beyond all time", .failure(.rateLimited)) { _ in
      .json(error, status: "429 Too Many Requests", headers: ["Retry-After: 1e300"])
    },
    FaultCase("500 twice, then right", .answer("right")) { number in
      number > 1 ? right : .json(error, status: "500 Internal Server Error")
    },
    FaultCase("500 for ever", .failure(.serverError)) { _ in
      .json(error, status: "500 Internal Server Error")
    },
    FaultCase("an error in the stream", .failure(.serverError, partial: ["le"])) { _ in
      .stream([delta("le"), "data: \(error)\n\n"])
    },
    FaultCase("400 for another reason", .failure(.refusedRequest)) { _ in
      .json(#"{"error":"the context is too long"}"#, status: "400 Bad Request")
    },
    FaultCase("a schema is refused", .answer("right"), changes: { $0.schema = "{}" }) { number in
      number > 0
        ? right : .json(#"{"error":"response_format: no"}"#, status: "400 Bad Request")
    },
    FaultCase("a stream is refused", .answer("whole")) { number in
      number > 0
        ? .json(completion(["whole"]))
        : .json(#"{"detail":"stream is not supported"}"#, status: "400 Bad Request")
    },
  ]

  static let silences = [
    FaultCase("hangs without a word", .failure(.timedOut), seconds: 0.3) { _ in [.hang] },
    FaultCase("hangs in its head", .failure(.timedOut), seconds: 0.3) { _ in
      [.send(Array("HTTP/1.1 200 O".utf8)), .hang]
    },
    FaultCase("hangs in the answer", .failure(.timedOut, partial: ["le"]), seconds: 4) { _ in
      .head() + .chunk(delta("le").utf8) + [.hang]
    },
    FaultCase("hangs in the words of a failure", .failure(.timedOut), seconds: 0.3) { _ in
      let head = "HTTP/1.1 500 No\r\nContent-Length: 100\r\n\r\n{"
      return [.send(Array(head.utf8)), .hang]
    },
    FaultCase("drips byte by byte", .failure(.timedOut), seconds: 0.3) { _ in
      .head() + delta("left").utf8.flatMap { .chunk([$0]) + [.pause(milliseconds: 50)] }
    },
    FaultCase("hangs after its last word", .answer("right")) { _ in
      .head() + .chunk((delta("right") + finish() + "data: [DONE]\n\n").utf8) + [.hang]
    },
  ]

  static let brokenConnections = [
    FaultCase("closes at once", .failure(.connectionLost)) { _ in [.close] },
    FaultCase("resets at once", .failure(.connectionLost)) { _ in [.reset] },
    FaultCase("closes in mid-token, always", .failure(.connectionLost, partial: ["def f"])) { _ in
      .head() + .chunk(delta("def f").utf8) + .chunk(delta("(x)").utf8.prefix(30)) + [.close]
    },
    FaultCase("closes in mid-token once", .answer("right")) { number in
      number > 0
        ? right : .head() + .chunk(delta("def f").utf8) + .chunk("data: {\"ch".utf8) + [.close]
    },
    FaultCase("ends the stream in mid-answer", .failure(.connectionLost, partial: ["le"])) { _ in
      .stream([delta("le")])
    },
    FaultCase("sends less than it announced", .failure(.connectionLost)) { _ in
      [.send(Array("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"choices\"".utf8)), .close]
    },
    FaultCase("sends an answer without a body", .failure(.connectionLost)) { _ in .whole([]) },
    FaultCase("speaks another protocol", .failure(.connectionLost)) { _ in
      [.send(Array("SSH-2.0-OpenSSH_9.6\r\n".utf8)), .hang]
    },
  ]

  static let sizes = [
    FaultCase("100 MB of JSON", .failure(.tooLarge)) { _ in
      let head = "HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n{\"choices\":[{\"text\":\""
      let block = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 16)
      return [.send(Array(head.utf8)), .sendForever(block)]
    },
    FaultCase("100 MB in one event", .failure(.tooLarge)) { _ in
      let block = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 16)
      return .head() + .chunk("data: ".utf8)
        + [.sendForever(Array("10000\r\n".utf8) + block + Array("\r\n".utf8))]
    },
    FaultCase("an endless stream of tokens", .answer("aaaaaaaa", .length)) { _ in
      .head() + [.sendForever(chunkBytes(delta("a")))]
    },
    FaultCase("an endless event of many lines", .failure(.tooLarge)) { _ in
      .head() + [.sendForever(chunkBytes(String(repeating: "data: x\n", count: 512)))]
    },
    FaultCase("an endless stream of comments", .failure(.tooLarge)) { _ in
      .head() + [.sendForever(chunkBytes(String(repeating: ": wait\n\n", count: 512)))]
    },
    FaultCase("an endless head", .failure(.connectionLost)) { _ in
      [.send(Array("HTTP/1.1 200 OK\r\n".utf8)), .sendForever(Array("X-More: of it\r\n".utf8))]
    },
    FaultCase("a failure with 100 MB of words", .failure(.refusedRequest)) { _ in
      let head = "HTTP/1.1 409 No\r\nContent-Length: 100000000\r\n\r\n"
      return [.send(Array(head.utf8)), .sendForever([UInt8](repeating: 0x78, count: 1 << 16))]
    },
  ]

  private static func chunkBytes(_ text: String) -> [UInt8] {
    let size = String(text.utf8.count, radix: 16)
    return Array("\(size)\r\n\(text)\r\n".utf8)
  }
}
