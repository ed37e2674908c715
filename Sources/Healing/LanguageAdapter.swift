public import HealingModel
public import Search

/// Everything the loop asks of a programming language; one adapter serves one program and oracle.
///
/// Every call may throw ``AdapterError``. What a program under test does is a value, never an error.
public protocol LanguageAdapter: Sendable {
  /// The program's own source files that a repair may change.
  func editableSources() async throws -> Sources

  /// The source files that decide about a repair, such as tests: they are shown and never changed.
  func decidingSources() async throws -> Sources

  /// Tells that `sources` are going to be observed and looked at, so that what takes time may begin.
  func prepare(for sources: Sources) async

  /// Runs the oracle on the program with `sources` in place, in a fresh interpreter that holds no
  /// code of ours, in a fresh copy of the program.
  ///
  /// - Parameters:
  ///   - sources: The program's sources.
  ///   - run: The number of the run, from 0; runs differ in what a program may not depend on, such
  ///     as the seed of string hashing.
  /// - Returns: The verdict of each test, and what the run showed.
  /// - Throws: ``AdapterError``.
  func judge(_ sources: Sources, run: Int) async throws -> Judgement

  /// Runs the oracle once in a warm interpreter with everything recorded: exceptions, locals,
  /// coverage; the observation is that of the first failure.
  func observe(_ sources: Sources) async throws -> Judgement

  /// Names every bug that can be seen in `sources`, with what a run showed when there was one.
  func findings(in sources: Sources, after observation: Observation?) async throws -> [Finding]

  /// Whole repairs of the syntax of the files at `paths`, best first.
  func syntaxRepairs(of sources: Sources, limit: Int) async throws -> [Fix]

  /// The place of the first syntax error of each file that does not parse, by path.
  func syntaxErrors(in sources: Sources) async throws -> [String: TextPosition]

  /// The rules of evidence that the change breaks; empty when it may be claimed.
  ///
  /// - Parameters:
  ///   - before: The program as it was found.
  ///   - after: The program with the repair.
  ///   - strength: How much the oracle says; the weakest one forbids more.
  ///   - ordersThreads: Whether the change is to put threads in order, which forbids more too.
  /// - Returns: What is refused, and by which rule.
  /// - Throws: ``AdapterError``.
  func refusals(
    from before: Sources,
    to after: Sources,
    strength: OracleStrength,
    ordersThreads: Bool
  ) async throws -> [Refusal]

  /// Makes sure that what the oracle runs is the copy with the changed files, not the program as
  /// it is installed elsewhere.
  ///
  /// - Parameters:
  ///   - before: The program as it was found.
  ///   - after: The program with the repair.
  /// - Throws: ``AdapterError/environment(message:remedy:)`` when the oracle passes although a
  ///   changed file cannot even be parsed.
  func confirmCopy(from before: Sources, to after: Sources) async throws

  /// The bytes, before and after, of the files that `sources` changes.
  func fileChanges(to sources: Sources) async throws -> [FileChange]

  /// Whether the program starts threads or tasks.
  func startsThreads(_ sources: Sources) async throws -> Bool

  /// Names everything that decides what becomes of a candidate made of `sources`: the program's other
  /// files, the oracle, the interpreter, this tool; nil when that cannot be told.
  func content(of sources: Sources) async -> String?

  /// Opens a search over edits of `sources`.
  func openSearch(on sources: Sources) async throws -> any SearchSpace

  /// Whether the file of a test starts threads or tasks.
  func testStartsThreads(_ test: String) async throws -> Bool

  /// Makes ready to run the program with `sources` in place under schedules of its threads.
  ///
  /// - Parameters:
  ///   - sources: The program's sources.
  ///   - test: The test of a suite that is run; nil for a script.
  /// - Returns: What runs schedules; nothing starts yet.
  /// - Throws: ``AdapterError``.
  func openSchedules(on sources: Sources, test: String?) async throws -> any ScheduledProgram

  /// Candidates that may mend what failing schedules of the program show, best first.
  ///
  /// - Parameters:
  ///   - sources: The program's sources.
  ///   - test: The test that is run; nil for a script.
  ///   - schedules: Schedules under which it fails; they are run again.
  ///   - limits: What ends a run that does not end by itself.
  ///   - limit: How many candidates at most.
  /// - Returns: Whole repairs, each to be tried alone.
  /// - Throws: ``AdapterError``.
  func scheduleRepairs(
    of sources: Sources,
    test: String?,
    failing schedules: [ScheduledFailure],
    limits: ScheduleLimits,
    limit: Int
  ) async throws -> [ScheduleRepair]

  /// How many runs it makes side by side.
  var jobs: Int { get }

  /// The surroundings in which it runs programs.
  var surroundings: Surroundings { get }

  /// What the reader should know of the surroundings, each in a sentence.
  var notes: [String] { get }

  /// Ends every process that it started and removes every copy.
  func close() async
}

extension LanguageAdapter {
  /// The rules of evidence that a change breaks which has nothing to do with threads.
  public func refusals(
    from before: Sources,
    to after: Sources,
    strength: OracleStrength
  ) async throws -> [Refusal] {
    try await refusals(from: before, to: after, strength: strength, ordersThreads: false)
  }
}

/// A warm evaluator of edits; one per search.
public protocol SearchSpace: Sendable {
  /// What the oracle said of the sources that the search was opened on.
  var baseline: Judgement { get }
  /// The lines that each test ran, in the order of the baseline's tests, by file.
  var coverage: [[String: [Int]]] { get }
  /// Whether a candidate costs much less than a process, so that many thousands can be tried.
  var isCheap: Bool { get }

  /// Defines the texts that the ids of base `number` refer to; base 0 is what was opened.
  ///
  /// - Parameters:
  ///   - number: The base.
  ///   - sources: The files that differ from those of base 0.
  ///   - progress: How far the base gets, as an evaluation told.
  /// - Throws: ``AdapterError``.
  func define(base number: Int, sources: Sources, progress: Int) async throws

  /// The edits at `places` (file, then line, with its suspicion from 0 to 1), at most `limit`.
  func edits(base: Int, places: [String: [Int: Double]], limit: Int) async throws -> [SearchEdit]

  /// Evaluates candidates, each a list of edit ids, in the order given.
  func evaluate(base: Int, candidates: [[Int]], options: EvaluationOptions) async throws
    -> [Evaluation]

  /// The text edits of one candidate.
  func render(base: Int, candidate: [Int]) async throws -> Rendering

  /// How several versions of the program answer inputs that are recorded from its tests and grown
  /// from those; empty where that cannot be told.
  func compare(_ versions: [Sources], within seconds: Double) async throws -> Comparison

  /// Ends the evaluator's processes.
  func close() async
}

/// How candidates are evaluated.
public struct EvaluationOptions: Sendable, Hashable {
  /// Whether all tests run although no failing one passes yet.
  public var full: Bool
  /// Loop iterations and calls that one candidate may make.
  public var fuel: Int
  /// Seconds that one candidate may take.
  public var timeout: Double
  /// Seconds after which no further candidate is begun; those have the status `notRun`.
  public var seconds: Double

  /// Makes options.
  public init(
    full: Bool = false,
    fuel: Int = 200_000,
    timeout: Double = 2,
    seconds: Double = 60
  ) {
    self.full = full
    self.fuel = fuel
    self.timeout = timeout
    self.seconds = seconds
  }
}

/// Why an adapter cannot work.
public enum AdapterError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Something that the program needs is not there, or a limit of ours made it fail.
  case environment(message: String, remedy: String)
  /// The request makes no sense, such as a suite without tests.
  case usage(message: String)
  /// Our own parts failed.
  case fault(message: String)

  /// What happened, in a sentence.
  public var description: String {
    switch self {
    case .environment(let message, let remedy): "\(message); \(remedy)"
    case .usage(let message), .fault(let message): message
    }
  }
}
