import ModelProtocol

/// Answers that are right in their form and odd in what they hold.
extension FaultCase {
  private static let fenced = """
    ```python
    TEXT = '''
    ```
    not the end
    ```
    '''
    ```
    """

  static let oddAnswers = [
    FaultCase("no choice", .failure(.emptyAnswer)) { _ in .json(#"{"choices":[]}"#) },
    FaultCase("an empty choice", .failure(.emptyAnswer)) { _ in
      .json(#"{"choices":[{"index":0,"message":{"content":null},"finish_reason":"stop"}]}"#)
    },
    FaultCase("an answer of white space", .failure(.emptyAnswer)) { _ in .saying([" ", "\n"]) },
    FaultCase("a choice that nobody asked for", .failure(.emptyAnswer)) { _ in
      .json(#"{"choices":[{"index":1000000000,"message":{"content":"x"}}]}"#)
    },
    FaultCase("all tokens spent on thoughts", .failure(.emptyAnswer)) { _ in
      .stream([
        #"data: {"choices":[{"index":0,"delta":{"reasoning_content":"hm"}}]}"# + "\n\n",
        finish("length"), "data: [DONE]\n\n",
      ])
    },
    FaultCase("a refusal", .failure(.refusal)) { _ in
      .json(#"{"choices":[{"message":{"content":null,"refusal":"I can't help with that"}}]}"#)
    },
    FaultCase("a filtered answer", .failure(.refusal, partial: ["half"])) { _ in
      .stream([delta("half"), finish("content_filter"), "data: [DONE]\n\n"])
    },
    FaultCase("JSON instead of a stream", .answer("whole")) { _ in .json(completion(["whole"])) },
    FaultCase("content in parts", .answer("ab")) { _ in
      .json(#"{"choices":[{"message":{"content":[{"type":"text","text":"a"},{"text":"b"}]}}]}"#)
    },
    FaultCase("broken JSON", .failure(.unreadable)) { _ in .json(#"{"choices": [}"#) },
    FaultCase("JSON of another kind", .failure(.emptyAnswer)) { _ in .json(#"{"object":"x"}"#) },
    FaultCase("nonsense for usage", .answer("x")) { _ in
      .json(#"{"choices":[{"message":{"content":"x"}}],"usage":{"prompt_tokens":-1e99}}"#)
    },
    FaultCase("usage beyond all numbers", .answer("x")) { _ in
      .json(
        #"{"choices":[{"message":{"content":"x"}}],"usage":{"prompt_tokens":9223372036854775807,"#
          + #""completion_tokens":9223372036854775807}}"#
      )
    },
    FaultCase("code fences inside code", .answer(fenced)) { _ in
      .saying(fenced.map { String($0) }.chunked(by: 20))
    },
    FaultCase("a text that asks to run commands", .answer("$(rm -rf ~)\u{1b}]0;x\u{7}")) { _ in
      .saying(["$(rm -rf ~)", "\u{1b}]0;x\u{7}"])
    },
  ]

  static let oddStreams = [
    FaultCase("comments, CRLF, names and pieces of three bytes", .answer("right\r\n")) { _ in
      let text =
        ": hello\r\n\r\nevent: message\r\nid: 4\r\nretry: 10\r\n"
        + (delta("right") + delta("\r\n") + finish()).replacingLineEnds
        + ": ping\r\n\r\ndata: [DONE]\r\n\r\n"
      let bytes = Array(text.utf8)
      return .head()
        + stride(from: 0, to: bytes.count, by: 3).flatMap { start in
          [FaultServer.Step].chunk(bytes[start..<min(start + 3, bytes.count)])
        } + .lastChunk
    },
    FaultCase("one event over several lines", .answer("x")) { _ in
      .stream(["data: {\"choices\":\ndata:[{\"delta\":{\"content\":\"x\"}}]}\n\n", finish()])
    },
    FaultCase("no [DONE]", .answer("right")) { _ in .stream([delta("right"), finish()]) },
    FaultCase("no usage", .answer("right")) { _ in
      .stream([delta("right"), finish(), "data: [DONE]\n\n"])
    },
    FaultCase("a last event without a blank line", .answer("right")) { _ in
      .stream([delta("right"), String(finish().dropLast())])
    },
    FaultCase("a stream that is called plain text", .answer("right")) { _ in
      .stream([delta("right"), finish(), "data: [DONE]\n\n"], type: "text/plain; charset=latin1")
    },
    FaultCase("JSON that is called a page", .answer("whole")) { _ in
      .whole(completion(["whole"]).utf8, type: "text/html")
    },
    FaultCase("invalid UTF-8 in a stream", .answer("a\u{fffd}(b")) { _ in
      let parts = delta("a#b").split(separator: "#").map { Array($0.utf8) }
      return .head() + .chunk(parts[0] + [0xc3, 0x28] + parts[1]) + .chunk(finish().utf8)
        + .lastChunk
    },
    FaultCase("invalid UTF-8 in JSON", .answer("a\u{fffd}b")) { _ in
      let parts = completion(["a#b"]).split(separator: "#").map { Array($0.utf8) }
      return .whole(parts[0] + [0xff] + parts[1])
    },
    FaultCase("events that are no JSON", .failure(.unreadable)) { _ in
      .stream(["data: hello\n\n", "data: [DONE]\n\n"])
    },
    FaultCase("a stream of nothing", .failure(.emptyAnswer)) { _ in .stream(["data: [DONE]\n\n"]) },
    FaultCase("text after the last word", .answer("right")) { _ in
      .stream([delta("right"), finish(), "data: [DONE]\n\n", delta("wrong"), "data: {\n\n"])
    },
  ]
}

extension String {
  fileprivate var replacingLineEnds: String { replacing("\n\n", with: "\r\n\r\n") }
}

extension [String] {
  fileprivate func chunked(by count: Int) -> [String] {
    stride(from: 0, to: self.count, by: count).map { start in
      self[start..<Swift.min(start + count, self.count)].joined()
    }
  }
}
