import HealingModel

extension DiagnosisReport {
  /// For a person.
  func text(style: Style) -> String {
    var text = ""
    for finding in findings {
      let start = finding.range.start
      let place = "\(printable(finding.path)):\(start.line):\(start.column)"
      text += "\(style.bold(place)): \(style.red(finding.category.rawValue)): "
      text += "\(printable(finding.message)) \(style.dim("[\(finding.rule)]"))\n"
      if !finding.hint.isEmpty, finding.hint != finding.message {
        text += style.dim(indented(finding.hint, by: "    "))
      }
    }
    for note in notes { text += "\(style.yellow("note")): \(printable(note))\n" }
    let found = findings.isEmpty ? "nothing found" : "\(counted(findings.count, "finding"))"
    return text + "\(found) in \(counted(files, "file"))\n"
  }

  /// For a script.
  var json: JSON {
    [
      "schema": 1,
      "findings": .array(findings.map(\.json)),
      "notes": .array(notes.map(JSON.string)),
      "error": nil,
    ]
  }

  /// Workflow commands that GitHub shows beside the lines.
  var annotations: String {
    findings.map { finding in
      let properties = [
        "file=\(escapedProperty(finding.path))",
        "line=\(finding.range.start.line)",
        "endLine=\(finding.range.end.line)",
        "col=\(finding.range.start.column)",
        "title=\(escapedProperty("heal \(finding.rule)"))",
      ]
      let text =
        finding.hint.isEmpty || finding.hint == finding.message
        ? finding.message : "\(finding.message)\n\(finding.hint)"
      let command = "\(finding.confidence.annotation) \(properties.joined(separator: ","))"
      return "::\(command)::\(escapedData(text))\n"
    }.joined()
  }

  /// SARIF 2.1.0 (OASIS), for code scanning tools.
  ///
  /// - Parameter folder: The folder from which the paths are seen.
  /// - Returns: The log.
  func sarif(folder: String) -> JSON {
    let rules = Set(findings.map(\.rule)).sorted()
    let driver: JSON = [
      "name": "heal",
      "semanticVersion": .string(version),
      "rules": .array(rules.map { ["id": .string($0)] }),
    ]
    return [
      "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
      "version": "2.1.0",
      "runs": [
        [
          "tool": ["driver": driver],
          "columnKind": "unicodeCodePoints",
          "originalUriBaseIds": [
            "SRCROOT": ["uri": .string("file://\(percentEncoded(folder))/")]
          ],
          "results": .array(findings.map { $0.sarif(ruleIndex: rules.firstIndex(of: $0.rule)) }),
        ]
      ],
    ]
  }
}

extension Finding {
  fileprivate func sarif(ruleIndex: Int?) -> JSON {
    var location: JSON = ["uri": .string(percentEncoded(path)), "uriBaseId": "SRCROOT"]
    if path.hasPrefix("/") { location = ["uri": .string("file://" + percentEncoded(path))] }
    let text = hint.isEmpty || hint == message ? message : "\(message)\n\(hint)"
    return [
      "ruleId": .string(rule),
      "ruleIndex": .integer(ruleIndex ?? -1),
      "level": .string(confidence.sarifLevel),
      "message": ["text": .string(text)],
      "locations": [
        [
          "physicalLocation": [
            "artifactLocation": location,
            "region": [
              "startLine": .integer(range.start.line),
              "startColumn": .integer(range.start.column),
              "endLine": .integer(range.end.line),
              "endColumn": .integer(range.end.column),
            ],
          ]
        ]
      ],
      "properties": [
        "category": .string(category.rawValue), "confidence": .string(confidence.rawValue),
      ],
    ]
  }
}

extension Confidence {
  fileprivate var sarifLevel: String {
    switch self {
    case .high: "error"
    case .medium: "warning"
    case .low: "note"
    }
  }

  fileprivate var annotation: String {
    switch self {
    case .high: "error"
    case .medium: "warning"
    case .low: "notice"
    }
  }
}

/// A path as part of a URI, RFC 3986: everything but unreserved characters and `/` as octets.
func percentEncoded(_ path: String) -> String {
  path.utf8.map { byte in
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "-"),
      UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
      return String(UnicodeScalar(byte))
    default:
      let digits = String(byte, radix: 16, uppercase: true)
      return "%" + (digits.count == 1 ? "0" : "") + digits
    }
  }.joined()
}

private func escapedData(_ text: String) -> String {
  escaped(text, ["%": "%25", "\r": "%0D", "\n": "%0A"])
}

private func escapedProperty(_ text: String) -> String {
  escaped(text, ["%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"])
}

/// By scalars, since a carriage return with a line feed is one character to Swift.
private func escaped(_ text: String, _ escapes: [Unicode.Scalar: String]) -> String {
  text.unicodeScalars.map { escapes[$0] ?? String($0) }.joined()
}
