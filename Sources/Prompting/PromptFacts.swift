public import Diagnosis
public import HealingModel

/// All that a prompt tells a model about a failing program.
public struct PromptFacts: Sendable, Hashable {
  /// The files that may be changed.
  public var sources: Sources
  /// The program's folder; it is never shown.
  public var root: String
  /// What is known of the bugs.
  public var hints: HintList
  /// How suspicious lines are, from 0 to 1, by file: what of a long program is shown first.
  public var suspicion: [String: [Int: Double]]
  /// What should come out, against what does.
  public var outcomes: [Outcome]
  /// The tests that fail.
  public var failures: [TestFailure]
  /// Repairs of like bugs that were verified before, the most like first.
  public var precedents: [Precedent]
  /// What the threads of a failing run did.
  public var trace: PromptTrace?
  /// Answers that were tried, oldest first.
  public var tried: [TriedAnswer]

  /// Makes a set of facts; what is left out is not known.
  public init(
    sources: Sources,
    root: String = "",
    hints: HintList = HintList(),
    suspicion: [String: [Int: Double]] = [:],
    outcomes: [Outcome] = [],
    failures: [TestFailure] = [],
    precedents: [Precedent] = [],
    trace: PromptTrace? = nil,
    tried: [TriedAnswer] = []
  ) {
    self.sources = sources
    self.root = root
    self.hints = hints
    self.suspicion = suspicion
    self.outcomes = outcomes
    self.failures = failures
    self.precedents = precedents
    self.trace = trace
    self.tried = tried
  }
}

/// What should come out of a program, against what does.
public struct Outcome: Sendable, Hashable {
  /// The example's name; empty when there is only one.
  public var name: String
  /// What the program reads; nil for nothing.
  public var input: String?
  /// What should come out; nil when it only has to end well.
  public var expected: String?
  /// What comes out.
  public var actual: String
  /// The failure that ends it, such as an exception with its message.
  public var failure: String?

  /// Makes an outcome.
  public init(
    name: String = "",
    input: String? = nil,
    expected: String?,
    actual: String,
    failure: String? = nil
  ) {
    self.name = name
    self.input = input
    self.expected = expected
    self.actual = actual
    self.failure = failure
  }
}

/// A test that fails.
public struct TestFailure: Sendable, Hashable {
  /// Its id.
  public var id: String
  /// How it fails.
  public var message: String
  /// The text of the test, when it is short enough to be shown.
  public var source: String?

  /// Makes the record of a failing test.
  public init(id: String, message: String, source: String? = nil) {
    self.id = id
    self.message = message
    self.source = source
  }
}

/// Lines of some program that were repaired, and how.
public struct Precedent: Sendable, Hashable {
  /// The lines before the repair.
  public var before: String
  /// The lines after it.
  public var after: String

  /// Makes a precedent.
  public init(before: String, after: String) {
    self.before = before
    self.after = after
  }
}

/// An answer that was tried and does not heal the program.
public struct TriedAnswer: Sendable, Hashable {
  /// What it changed, as a unified diff; empty when it could not be read.
  public var diff: String
  /// How it failed, in a sentence.
  public var failure: String

  /// Makes the record of an answer.
  public init(diff: String, failure: String) {
    self.diff = diff
    self.failure = failure
  }
}

/// What the threads of a failing run did, in time order.
public struct PromptTrace: Sendable, Hashable {
  /// What went wrong, in a sentence.
  public var summary: String
  /// The events.
  public var events: [TraceLine]
  /// Who waits for what at the end, one thread a line; empty without a deadlock.
  public var waits: [String]

  /// Makes a trace.
  public init(summary: String, events: [TraceLine], waits: [String] = []) {
    self.summary = summary
    self.events = events
    self.waits = waits
  }
}

/// One event of a trace, as it is shown.
public struct TraceLine: Sendable, Hashable {
  /// When, as `0.0001s`.
  public var time: String
  /// The thread's name.
  public var thread: String
  /// What was done, such as `READ`.
  public var kind: String
  /// To what, with the value where it is known, such as `account.balance=100`.
  public var subject: String
  /// Where, such as `bank.py:14`; empty when it is not known.
  public var place: String
  /// What is remarkable about it; empty for nothing.
  public var mark: String

  /// Makes an event.
  public init(
    time: String,
    thread: String,
    kind: String,
    subject: String,
    place: String = "",
    mark: String = ""
  ) {
    self.time = time
    self.thread = thread
    self.kind = kind
    self.subject = subject
    self.place = place
    self.mark = mark
  }
}
