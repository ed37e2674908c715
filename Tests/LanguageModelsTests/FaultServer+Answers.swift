import Foundation

extension [FaultServer.Step] {
  /// An answer of one piece with its length.
  static func whole(
    _ body: some Sequence<UInt8>,
    status: String = "200 OK",
    type: String = "application/json",
    headers: [String] = []
  ) -> Self {
    let body = Array<UInt8>(body)
    let lines = ["HTTP/1.1 \(status)", "Content-Type: \(type)", "Content-Length: \(body.count)"]
    return [
      .send(Array<UInt8>((lines + headers + ["", ""]).joined(separator: "\r\n").utf8) + body)
    ]
  }

  /// An answer of one piece of JSON.
  static func json(_ text: String, status: String = "200 OK", headers: [String] = []) -> Self {
    whole(text.utf8, status: status, headers: headers)
  }

  /// The head of an answer in chunks.
  static func head(type: String = "text/event-stream") -> Self {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: \(type)\r\nTransfer-Encoding: chunked\r\n\r\n"
    return [.send(Array<UInt8>(head.utf8))]
  }

  /// One chunk.
  static func chunk(_ bytes: some Sequence<UInt8>) -> Self {
    let bytes = Array<UInt8>(bytes)
    let size = Array<UInt8>((String(bytes.count, radix: 16) + "\r\n").utf8)
    return [.send(size + bytes + Array<UInt8>("\r\n".utf8))]
  }

  /// The end of an answer in chunks.
  static var lastChunk: Self { [.send(Array<UInt8>("0\r\n\r\n".utf8))] }

  /// A stream of events, a chunk for each text, ended as it should be.
  static func stream(_ chunks: [String], type: String = "text/event-stream") -> Self {
    head(type: type) + chunks.flatMap { Self.chunk($0.utf8) } + lastChunk
  }

  /// A whole and right stream that says `words`, with usage.
  static func saying(_ words: [String], prompt: Int = 7) -> Self {
    stream(
      words.map { delta($0) } + [finish(), usage(prompt, words.count), "data: [DONE]\n\n"]
    )
  }
}

/// A text as JSON.
func quoted(_ text: String) -> String {
  let data = try? JSONEncoder().encode(text)
  return String(decoding: data ?? Data(), as: UTF8.self)
}

/// The event that brings a piece of text.
func delta(_ text: String, sample: Int = 0) -> String {
  #"data: {"choices":[{"index":\#(sample),"delta":{"content":\#(quoted(text))},"#
    + #""finish_reason":null}]}"# + "\n\n"
}

/// The event that ends a sample.
func finish(_ reason: String = "stop", sample: Int = 0) -> String {
  #"data: {"choices":[{"index":\#(sample),"delta":{},"finish_reason":"\#(reason)"}]}"# + "\n\n"
}

/// The event that tells what was used up.
func usage(_ prompt: Int, _ completion: Int) -> String {
  #"data: {"choices":[],"usage":{"prompt_tokens":\#(prompt),"#
    + #""completion_tokens":\#(completion)}}"# + "\n\n"
}

/// An answer as servers give it when nothing is streamed.
func completion(_ texts: [String], finish: String = "stop") -> String {
  let choices = texts.enumerated().map { index, text in
    #"{"index":\#(index),"message":{"role":"assistant","content":\#(quoted(text))},"#
      + #""finish_reason":"\#(finish)"}"#
  }
  return #"{"choices":[\#(choices.joined(separator: ","))],"#
    + #""usage":{"prompt_tokens":7,"completion_tokens":\#(texts.count * 3)}}"#
}
