/// All that a claim about schedules stands on, so that it can be checked again elsewhere.
public struct ScheduleCertificate: Sendable, Hashable, Codable {
  /// The version of the form.
  public var version = 1
  /// What was said.
  public var claim: ScheduleClaim
  /// What was run.
  public var program: CertifiedProgram
  /// What was assumed and what ended runs.
  public var model: ScheduleModel
  /// The seed of everything that was drawn.
  public var seed: UInt64
  /// The places that threads share: only accesses to these are steps.
  public var shared: [String]
  /// Runs that came to their end, that were redundant, cut, beyond control, and that diverged.
  public var counts: [Int]
  /// Accesses that nothing orders although no schedule failed: what, and where.
  public var unordered: [String]
  /// Operations of which not all accesses are known.
  public var unseen: [String]
  /// What could not be controlled.
  public var uncontrolled: [String]
  /// Runs that can be repeated: the failing one, or those that were explored, of many a sample.
  public var runs: [CertifiedRun]
  /// SHA-256 of all the above.
  public private(set) var digest = ""

  /// Makes a certificate, and seals it.
  public init(
    claim: ScheduleClaim,
    program: CertifiedProgram,
    model: ScheduleModel,
    seed: UInt64,
    shared: [String] = [],
    counts: [Int] = [],
    unordered: [String] = [],
    unseen: [String] = [],
    uncontrolled: [String] = [],
    runs: [CertifiedRun] = []
  ) {
    self.claim = claim
    self.program = program
    self.model = model
    self.seed = seed
    self.shared = shared
    self.counts = counts
    self.unordered = unordered
    self.unseen = unseen
    self.uncontrolled = uncontrolled
    self.runs = runs
    digest = sealed
  }

  /// Whether nothing in it was changed since it was made.
  public var isIntact: Bool { digest == sealed }

  private var sealed: String {
    var text = CanonicalText()
    text.add(version)
    claim.write(to: &text)
    program.write(to: &text)
    model.write(to: &text)
    text.add(seed)
    for list in [shared, counts.map(String.init), unordered, unseen, uncontrolled] {
      text.add(list)
    }
    text.add(runs.count)
    for run in runs { run.write(to: &text) }
    return sha256(text.bytes)
  }
}

/// What is said of the schedules of a program.
public enum ScheduleClaim: Sendable, Hashable, Codable {
  /// One fails in this way; `signature` is what makes it the same in another run.
  case fails(kind: String, signature: String)
  /// None of those that ran fails.
  case explored
  /// One of each class of those that come to the same ran, with at most so many preemptions, nil for
  /// any number, and none fails; so many were repeated, a process for each.
  case exhausted(bound: Int?, classes: Int, repeated: Int)

  fileprivate func write(to text: inout CanonicalText) {
    switch self {
    case .fails(let kind, let signature): text.add(["fails", kind, signature])
    case .explored: text.add(["explored"])
    case .exhausted(let bound, let classes, let repeated):
      text.add(["exhausted", bound.map(String.init) ?? "", "\(classes)", "\(repeated)"])
    }
  }
}

/// What a certificate is about: under another program, or in other surroundings, it says nothing.
public struct CertifiedProgram: Sendable, Hashable, Codable {
  /// SHA-256 of each of its source files, by path.
  public var files: [String: String]
  /// What was imported.
  public var modules: [ImportedModule]
  /// The version of the interpreter.
  public var interpreter: String
  /// The seed of string hashing.
  public var hashSeed: Int
  /// The script and its arguments.
  public var arguments: [String]
  /// SHA-256 of what stood on its standard input.
  public var input: String
  /// SHA-256 of the output that it must have; nil for any.
  public var expected: String?

  /// Makes the record of a program.
  public init(
    files: [String: String],
    modules: [ImportedModule],
    interpreter: String,
    hashSeed: Int,
    arguments: [String],
    input: String,
    expected: String?
  ) {
    self.files = files
    self.modules = modules
    self.interpreter = interpreter
    self.hashSeed = hashSeed
    self.arguments = arguments
    self.input = input
    self.expected = expected
  }

  fileprivate func write(to text: inout CanonicalText) {
    text.add(files.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] })
    text.add(modules.flatMap { [$0.name, $0.version ?? "", $0.path, $0.hash] })
    text.add([interpreter, "\(hashSeed)"])
    text.add(arguments)
    text.add([input] + (expected.map { [$0] } ?? []))
  }
}

/// A module that a program imports.
public struct ImportedModule: Sendable, Hashable, Codable {
  /// Its name.
  public var name: String
  /// The version that it, or its distribution, says it has.
  public var version: String?
  /// Its file, relative to the program's root when it lies in it.
  public var path: String
  /// SHA-256 of its file.
  public var hash: String

  /// Makes the record of a module.
  public init(name: String, version: String?, path: String, hash: String) {
    self.name = name
    self.version = version
    self.path = path
    self.hash = hash
  }
}

/// What runs under schedules assume, and what ends them.
public struct ScheduleModel: Sendable, Hashable, Codable {
  /// Whether waits could time out, and sleeps end, at any step.
  public var freeTiming: Bool
  /// How often one wait timed out while others could run.
  public var timeouts: Int
  /// The steps of a run.
  public var steps: Int
  /// Seconds since 1970 at which the virtual clocks begin.
  public var clockStart: Int
  /// Nanoseconds by which they move with each step.
  public var clockStep: Int

  /// Makes a model.
  public init(
    freeTiming: Bool,
    timeouts: Int,
    steps: Int,
    clockStart: Int = 1_700_000_000,
    clockStep: Int = 1_000
  ) {
    self.freeTiming = freeTiming
    self.timeouts = timeouts
    self.steps = steps
    self.clockStart = clockStart
    self.clockStep = clockStep
  }

  fileprivate func write(to text: inout CanonicalText) {
    for number in [freeTiming ? 1 : 0, timeouts, steps, clockStart, clockStep] { text.add(number) }
  }
}

/// A run that can be repeated.
public struct CertifiedRun: Sendable, Hashable, Codable {
  /// The thread of each step.
  public var choices: ThreadRuns
  /// SHA-256 of what it came to.
  public var outcome: String

  /// Makes the record of a run.
  public init(choices: ThreadRuns, outcome: String) {
    self.choices = choices
    self.outcome = outcome
  }

  fileprivate func write(to text: inout CanonicalText) {
    text.add(choices.count)
    text.add(choices.runs.flatMap { ["\($0.thread)", "\($0.count)"] })
    text.add(outcome)
  }
}

/// Values as bytes, each with its length, so that no two sequences look alike.
private struct CanonicalText {
  var bytes: [UInt8] = []

  mutating func add(_ value: some CustomStringConvertible) {
    let text = Array(value.description.utf8)
    bytes += Array("\(text.count):".utf8) + text
  }

  mutating func add(_ values: [String]) {
    bytes += Array("[\(values.count)]".utf8)
    for value in values { add(value) }
  }
}
