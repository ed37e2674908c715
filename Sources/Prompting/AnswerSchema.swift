extension AnswerForm {
  /// The schema of an answer in this form as JSON, for servers that hold a model to one.
  public var schema: String {
    switch self {
    case .wholeFile:
      Self.object(list: "files", of: ["path", "content"])
    case .functions:
      Self.object(list: "functions", of: ["path", "name", "code"])
    case .edits:
      Self.object(list: "edits", of: ["path", "search", "replace"])
    }
  }

  /// The value of `response_format` in a request for a chat completion.
  public var responseFormat: String {
    #"{"type":"json_schema","json_schema":{"name":"repair","strict":true,"schema":"#
      + schema + "}}"
  }

  private static func object(list: String, of texts: [String]) -> String {
    let properties = texts.map { #""\#($0)":{"type":"string"}"# }.joined(separator: ",")
    let names = texts.map { "\"\($0)\"" }.joined(separator: ",")
    let item =
      #"{"type":"object","properties":{\#(properties)},"required":[\#(names)],"#
      + #""additionalProperties":false}"#
    return #"{"type":"object","properties":{"\#(list)":{"type":"array","items":\#(item)}},"#
      + #""required":["\#(list)"],"additionalProperties":false}"#
  }
}
