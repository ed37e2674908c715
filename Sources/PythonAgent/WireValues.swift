import Healing
import HealingModel
import Search

/// A half-open range as the protocol has it: line, column, end line, end column.
struct WireRange: Codable, Hashable {
  var range: TextRange

  init(_ range: TextRange) { self.range = range }

  init(from decoder: any Decoder) throws {
    var values = try decoder.unkeyedContainer()
    range = TextRange(
      start: TextPosition(line: try values.decode(Int.self), column: try values.decode(Int.self)),
      end: TextPosition(line: try values.decode(Int.self), column: try values.decode(Int.self))
    )
  }

  func encode(to encoder: any Encoder) throws {
    var values = encoder.unkeyedContainer()
    for number in [range.start.line, range.start.column, range.end.line, range.end.column] {
      try values.encode(number)
    }
  }
}

/// An edit on the wire.
struct WireEdit: Codable, Hashable {
  var path: String
  var range: WireRange
  var new: String
  var reason: String?

  func edit(finding: String? = nil) -> Edit {
    Edit(path: path, range: range.range, new: new, reason: reason ?? "", finding: finding)
  }
}

/// A candidate of the request `repairs`.
struct WireScheduleRepair: Decodable, Sendable {
  var kind: String
  var why: String
  var lines: Int
  var size: Int
  var edits: [WireEdit]

  var repair: ScheduleRepair {
    ScheduleRepair(
      kind: kind,
      reason: why,
      lines: lines,
      size: size,
      edits: edits.map { $0.edit() }
    )
  }
}

/// A finding on the wire.
struct WireFinding: Decodable {
  struct WireFix: Decodable {
    var edits: [WireEdit]
    var confidence: Confidence?
  }
  var category: Category
  var rule: String
  var path: String
  var range: WireRange
  var message: String
  var hint: String?
  var evidence: [Evidence]?
  var confidence: Confidence?
  var fixes: [WireFix]?

  var finding: Finding {
    Finding(
      category: category,
      rule: rule,
      path: path,
      range: range.range,
      message: message,
      hint: hint ?? message,
      evidence: evidence ?? [],
      confidence: confidence ?? .low,
      fixes: (fixes ?? []).map { fix in
        Fix(edits: fix.edits.map { $0.edit(finding: rule) }, confidence: fix.confidence ?? .low)
      }
    )
  }
}

/// An exception on the wire, both ways.
struct WireException: Codable {
  struct WireFrame: Codable {
    var path: String
    var line: Int
    var function: String
    var code: String?
    var locals: [String: ObservedValue]?
  }
  var type: String
  var message: String?
  var suggestion: String?
  var frames: [WireFrame]?
  var chain: [WireException]?

  init(_ exception: ObservedException) {
    type = exception.type
    message = exception.message
    suggestion = exception.suggestion
    frames = exception.frames.map {
      WireFrame(
        path: $0.path,
        line: $0.line,
        function: $0.function,
        code: $0.code,
        locals: $0.locals
      )
    }
    chain = exception.chain.map(WireException.init)
  }

  var exception: ObservedException {
    ObservedException(
      type: type,
      message: message ?? "",
      suggestion: suggestion,
      frames: (frames ?? []).map(\.frame),
      chain: (chain ?? []).map(\.exception)
    )
  }
}

extension WireException.WireFrame {
  var frame: Frame {
    Frame(path: path, line: line, function: function, code: code ?? "", locals: locals ?? [:])
  }
}

/// An observation on the wire, both ways.
struct WireObservation: Codable {
  struct WireExit: Codable {
    var code: Int?
    var signal: Int?
  }
  struct WireText: Codable {
    var head: String?
    var tail: String?
    var total: Int?

    var text: BoundedText {
      BoundedText(head: head ?? "", tail: tail ?? "", total: total ?? (head ?? "").utf8.count)
    }
  }
  struct WireStack: Codable {
    var thread: String
    var frames: [WireException.WireFrame]
  }
  var exit: WireExit?
  var stop: Stop?
  var stdout: WireText?
  var stderr: WireText?
  var exception: WireException?
  var wall: Double?
  var cpu: Double?
  var peakMemory: Int?
  var threadsStarted: Int?
  var stacks: [WireStack]?
  var coverage: [String: [Int]]?
  var refused: [RefusedOperation]?
  var attributes: [String: [String]]?
  var started: Bool?
  var elsewhere: [String]?

  var observation: Observation {
    Observation(
      exit: exit?.signal.map(Exit.signal) ?? .code(exit?.code ?? 1),
      stop: stop ?? .finished,
      stdout: stdout?.text ?? BoundedText(),
      stderr: stderr?.text ?? BoundedText(),
      exception: exception?.exception,
      wall: wall ?? 0,
      cpu: cpu ?? 0,
      peakMemory: peakMemory ?? 0,
      threadsStarted: threadsStarted ?? 0,
      stacks: (stacks ?? []).map {
        ThreadStack(thread: $0.thread, frames: $0.frames.map(\.frame))
      },
      coverage: coverage ?? [:],
      refused: refused ?? [],
      attributes: attributes ?? [:],
      started: started ?? true
    )
  }

  init(_ value: Observation) {
    switch value.exit {
    case .code(let code): exit = WireExit(code: code)
    case .signal(let signal): exit = WireExit(signal: signal)
    }
    stop = value.stop
    stdout = WireText(
      head: value.stdout.head,
      tail: value.stdout.tail,
      total: value.stdout.total
    )
    stderr = WireText(
      head: value.stderr.head,
      tail: value.stderr.tail,
      total: value.stderr.total
    )
    exception = value.exception.map(WireException.init)
    threadsStarted = value.threadsStarted
    attributes = value.attributes
    started = value.started
  }
}

/// The verdict of one test on the wire.
struct WireTest: Decodable {
  var id: String
  var outcome: TestOutcome
  var target: Bool?
  var seconds: Double?
  var exception: WireException?
  /// Why it did not end by itself: a name of `Stop`, or `died`.
  var stop: String?
  /// Whether it failed, and passed when it was run again.
  var flaky: Bool?

  var result: TestResult {
    TestResult(
      id: id,
      outcome: outcome,
      target: target ?? true,
      seconds: seconds ?? 0,
      exception: exception?.exception,
      stop: stop.map { Stop(rawValue: $0) ?? .killed },
      flaky: flaky
    )
  }
}

/// What `compare` answers.
struct WireComparison: Decodable {
  private struct Input: Decodable {
    var value: Comparison.Input

    init(from decoder: any Decoder) throws {
      var row = try decoder.unkeyedContainer()
      value = Comparison.Input(
        text: try row.decode(String.self),
        size: try row.decode(Int.self),
        grown: try row.decode(Int.self),
        passing: try row.decode(Bool.self)
      )
    }
  }
  private struct Answer: Decodable {
    var value: Comparison.Answer

    init(from decoder: any Decoder) throws {
      var row = try decoder.unkeyedContainer()
      value = Comparison.Answer(
        kind: Comparison.Answer.Kind(rawValue: try row.decode(Int.self)) ?? .raised,
        changesArguments: try row.decode(Bool.self),
        text: try row.decode(String.self)
      )
    }
  }
  private var inputs: [Input]
  private var answers: [[Answer]]
  private var outcomes: [[Int]]

  /// The comparison; none where the agent's rows do not fit together.
  var comparison: Comparison {
    let fits =
      answers.count == inputs.count && outcomes.count == inputs.count
      && Set(outcomes.map(\.count)).count < 2
      && zip(answers, outcomes).allSatisfy { known, row in row.allSatisfy(known.indices.contains) }
    guard fits else { return Comparison() }
    return Comparison(
      inputs: inputs.map(\.value),
      answers: answers.map { $0.map(\.value) },
      outcomes: outcomes
    )
  }
}
