public import HealingModel

/// All that is known of a failing program and can be worded as hints.
public struct HintFacts: Sendable, Hashable {
  /// What analyzers and runs found, in any order; one bug may be there several times.
  public var findings: [Finding]
  /// The program's own sources.
  public var sources: Sources
  /// What the failing run showed.
  public var observation: Observation?
  /// The verdicts of tests or examples.
  public var tests: [TestResult]
  /// How suspicious lines are, from 0 to 1, by file.
  public var suspicion: [String: [Int: Double]]
  /// What the search over edits came to.
  public var search: SearchFacts

  /// Makes a set of facts; what is left out is not known.
  public init(
    findings: [Finding] = [],
    sources: Sources = Sources(),
    observation: Observation? = nil,
    tests: [TestResult] = [],
    suspicion: [String: [Int: Double]] = [:],
    search: SearchFacts = SearchFacts()
  ) {
    self.findings = findings
    self.sources = sources
    self.observation = observation
    self.tests = tests
    self.suspicion = suspicion
    self.search = search
  }
}

/// What a search over edits came to.
public struct SearchFacts: Sendable, Hashable {
  /// Lines at which every single edit was tried and none helped, by file.
  public var cleared: [String: [Int]]
  /// Changes with which more passes than before, furthest first.
  public var partial: [PartialRepair]

  /// Makes a record of a search.
  public init(cleared: [String: [Int]] = [:], partial: [PartialRepair] = []) {
    self.cleared = cleared
    self.partial = partial
  }
}

/// A change with which some of the failing tests pass.
public struct PartialRepair: Sendable, Hashable {
  /// The change.
  public var patch: Patch
  /// How many tests pass with it.
  public var passing: Int
  /// How many tests there are.
  public var total: Int
  /// How many tests fail with it that passed before.
  public var broken: Int

  /// Makes a record of a change.
  public init(patch: Patch, passing: Int, total: Int, broken: Int = 0) {
    self.patch = patch
    self.passing = passing
    self.total = total
    self.broken = broken
  }
}
