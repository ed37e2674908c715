extension BenchSummary {
  /// The tables as JSON; `schema/heal-bench-1.json` describes them.
  var json: JSON {
    [
      "schema": 1,
      "heal": .string(header.heal),
      "interpreter": [
        "path": .string(header.interpreter), "version": .string(header.interpreterVersion),
      ],
      "sandbox": .string(header.sandbox),
      "sets": .array(
        header.sets.map {
          [
            "name": .string($0.name), "sha256": .string($0.sha256),
            "programs": .integer($0.programs),
          ]
        }
      ),
      "budget": .number(header.budget),
      "seed": .integer(Int(clamping: header.seed)),
      "complete": .bool(isComplete),
      "configurations": .array(results.map(\.json)),
      "pairs": .array(pairs.map(\.json)),
      "error": nil,
    ]
  }

  /// What is printed when nothing could be measured.
  static func failed(_ error: CommandError) -> JSON {
    [
      "schema": 1, "heal": .string(version), "interpreter": nil, "sandbox": nil, "sets": [],
      "budget": nil, "seed": nil, "complete": false, "configurations": [], "pairs": [],
      "error": error.json,
    ]
  }
}

extension BenchSummary.Result {
  fileprivate var json: JSON {
    [
      "name": .string(configuration.name),
      "model": .optional(configuration.model),
      "without": .array(configuration.without.map(JSON.string)),
      "programs": .integer(rows.count),
      "skipped": .integer(skipped),
      "errors": .integer(errors),
      "claimed": .integer(count(\.isClaimed)),
      "plausible": .integer(count(\.isPlausible)),
      "correct": .integer(count(\.isCorrect)),
      "correctLow": interval.map { JSON.share($0.low) } ?? .null,
      "correctHigh": interval.map { JSON.share($0.high) } ?? .null,
      "false": .integer(count(\.isFalse)),
      "tampered": .integer(count(\.isTampered)),
      "silent": .integer(count(\.isSilent)),
      "late": .integer(count(\.isLate)),
      "secondsHealed": secondsHealed.map(JSON.seconds) ?? .null,
      "firstAttempt": .integer(count(\.isFirst)),
      "attempts": .array(attempts.map(\.json)),
      "kinds": .array(kinds.map(\.json)),
      "categories": .array(categories.map(\.json)),
      "tokensByBugs": .array(
        bugs.map {
          [
            "bugs": .string($0.name),
            "programs": .integer($0.rows.count),
            "promptTokens": $0.promptTokens.map(JSON.number) ?? .null,
            "completionTokens": $0.completionTokens.map(JSON.number) ?? .null,
          ]
        }
      ),
      "responses": [
        "count": .integer(responses.count),
        "median": median(responses).map(JSON.seconds) ?? .null,
        "p90": percentile(0.9, of: responses).map(JSON.seconds) ?? .null,
      ],
      "modelSilent": .integer(silent),
    ]
  }
}

extension BenchSummary.Result.Group {
  fileprivate var json: JSON {
    ["name": .string(name), "programs": .integer(rows.count), "correct": .integer(correct)]
  }
}

extension BenchSummary.Pair {
  fileprivate var json: JSON {
    [
      "first": .string(first.name),
      "second": .string(second.name),
      "programs": .integer(programs),
      "won": .integer(won),
      "lost": .integer(lost),
      "difference": .share(difference),
      "low": .share(interval.low),
      "high": .share(interval.high),
    ]
  }
}

extension JSON {
  /// A share, rounded to ten-thousandths.
  fileprivate static func share(_ value: Double) -> JSON {
    .number((value * 10_000).rounded() / 10_000)
  }
}
