extension BenchSummary {
  /// The tables for a person.
  func text(style: Style) -> String {
    var parts = [overview(style)]
    parts += results.map { $0.text(style) }.filter { !$0.isEmpty }
    if !pairs.isEmpty { parts.append(pairsText(style)) }
    if !isComplete { parts.append(style.yellow("not complete: --resume goes on") + "\n") }
    return parts.joined(separator: "\n")
  }

  private func overview(_ style: Style) -> String {
    let header = [
      "configuration", "programs", "correct", "%", "95 %", "plausible", "first", "false",
      "tampered", "silent", "late", "errors", "skipped", "seconds",
    ]
    let rows = results.map { result in
      let correct = result.count(\.isCorrect)
      return [
        printable(result.configuration.name), "\(result.rows.count)", "\(correct)",
        result.rows.isEmpty ? "-" : percent(Double(correct) / Double(result.rows.count)),
        result.interval.map { "\(percent($0.low))-\(percent($0.high))" } ?? "-",
        "\(result.count(\.isPlausible))", "\(result.count(\.isFirst))",
        "\(result.count(\.isFalse))", "\(result.count(\.isTampered))",
        "\(result.count(\.isSilent))", "\(result.count(\.isLate))", "\(result.errors)",
        "\(result.skipped)", result.secondsHealed.map(tenths) ?? "-",
      ]
    }
    return alignedTable(header, rows, style)
  }

  private func pairsText(_ style: Style) -> String {
    let rows = pairs.map { pair in
      [
        printable("\(pair.first.name) against \(pair.second.name)"), "\(pair.programs)",
        "\(pair.won)", "\(pair.lost)", percent(pair.difference),
        pair.programs == 0
          ? "-" : "\(percent(pair.interval.low)) to \(percent(pair.interval.high))",
      ]
    }
    return style.bold("Pairs on the same programs (Bonett and Price, 2012)") + "\n"
      + alignedTable(["", "programs", "won", "lost", "difference %", "95 %"], rows, style)
  }
}

extension BenchSummary.Result {
  fileprivate func text(_ style: Style) -> String {
    guard !rows.isEmpty else { return "" }
    var text = style.bold(printable(configuration.name)) + "\n"
    text += grouped("by kind", kinds, style)
    text += grouped("by category of the first finding", categories, style)
    text += grouped("by rounds", attempts, style)
    if !bugs.isEmpty {
      text += alignedTable(
        ["by bugs found", "programs", "correct", "tokens read", "generated"],
        bugs.map {
          [
            $0.name, "\($0.rows.count)", "\($0.correct)", $0.promptTokens.map(whole) ?? "-",
            $0.completionTokens.map(whole) ?? "-",
          ]
        },
        style
      )
    }
    if let middle = median(responses), let most = percentile(0.9, of: responses) {
      text += "\(counted(responses.count, "answer")), median \(tenths(middle)) s, "
      text += "90 % within \(tenths(most)) s\n"
    }
    if silent > 0 { text += "the model did not answer of \(counted(silent, "program"))\n" }
    return text
  }

  private func grouped(_ title: String, _ groups: [Group], _ style: Style) -> String {
    alignedTable(
      [title, "programs", "correct", "%"],
      groups.map {
        [
          printable($0.name), "\($0.rows.count)", "\($0.correct)",
          percent(Double($0.correct) / Double($0.rows.count)),
        ]
      },
      style
    )
  }
}

private func percent(_ share: Double) -> String { tenths(100 * share) }

private func whole(_ number: Double) -> String { "\(Int(number.rounded()))" }
