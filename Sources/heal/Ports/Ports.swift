import Healing
import HealingModel
import Prompting

/// What the commands need from the rest of the tool; `Ports+Live.swift` connects the real parts.
struct Ports: Sendable {
  /// Opens the adapter of a program's language.
  var openAdapter: @Sendable (Program, Oracle, Settings) async throws -> OpenedAdapter
  /// Runs the healing loop to its end.
  var heal: @Sendable (HealingJob) async throws -> SessionReport
  /// Keeps the sessions.
  var sessions: Sessions
  /// Connects to language models.
  var models: @Sendable () throws(CommandError) -> ModelLink
  /// Makes ready to measure.
  var bench: @Sendable (Settings) async throws -> BenchPort
}

/// An adapter with everything that must go when it goes.
struct OpenedAdapter: Sendable {
  /// The adapter.
  var adapter: any LanguageAdapter
  /// Its language, as far as a model's answers need it.
  var language: SourceLanguage
  /// Ends its processes and removes every copy.
  var close: @Sendable () async -> Void
}

/// One call of the healing loop.
struct HealingJob: Sendable {
  /// What is healed.
  var program: Program
  /// What decides.
  var oracle: Oracle
  /// Answers everything about its language.
  var adapter: any LanguageAdapter
  /// What it may use up.
  var budget: Budget
  /// What the search leaves out.
  var ablation = Ablation()
  /// Verified repairs of earlier sessions.
  var bank: [BankedRepair] = []
  /// A language model to ask.
  var model: ModelAccess?
  /// Seconds since the tool started.
  var now: @Sendable () -> Double
  /// Takes what happens, in order.
  var events: @Sendable (HealingEvent) -> Void
}

/// The store of sessions, as the commands use it; every call may throw what `CommandError` takes.
struct Sessions: Sendable {
  /// Stores that a session began.
  var begin: @Sendable (SessionStart) async throws -> SessionRecorder
  /// The verified repairs that are kept beyond their sessions.
  var bank: Bank
  /// The newest sessions, newest first, at most this many.
  var list: @Sendable (_ limit: Int) async throws -> [LoggedSession]
  /// The session that `last`, a name or a unique prefix of one means.
  var resolve: @Sendable (String) async throws -> String
  /// Everything stored of one session.
  var load: @Sendable (String) async throws -> SessionRecord
  /// What was altered in the store since the session was written; empty when nothing was.
  var alterations: @Sendable (String) async throws -> [String]
  /// Writes a session's repair into the user's files, all or nothing, and gives their paths.
  var apply: @Sendable (String) async throws -> [String]
  /// Takes a session's repair back, all or nothing, and gives the paths of the files.
  var undo: @Sendable (String) async throws -> [String]
}

/// The bank of verified repairs; every call may throw what `CommandError` takes.
struct Bank: Sendable {
  /// All of them, the oldest first.
  var all: @Sendable () async throws -> [BankedRepair]
  /// Removes those of these names, or all, and gives their number.
  var forget: @Sendable (_ ids: [String]?) async throws -> Int
  /// Takes in what others verified, and gives the number of those that were not there.
  var add: @Sendable ([BankedRepair]) async throws -> Int
  /// All of them as lines of JSON without their ends, secrets masked.
  var lines: @Sendable () async throws -> [String]
}

/// What is known when a session begins.
struct SessionStart: Sendable {
  /// What is healed.
  var program: Program
  /// What decides.
  var oracle: Oracle
  /// What it may use up.
  var budget: Budget
  /// The command as the user gave it.
  var commandLine: [String]
}

/// Writes one session while it runs.
struct SessionRecorder: Sendable {
  /// The session's name: 12 hexadecimal digits.
  var id: String
  /// Stores what happened; called in order, never at the same time.
  var record: @Sendable (HealingEvent) -> Void
  /// Stores how it ended, and the files that the repair changes.
  var finish: @Sendable (SessionReport) async throws -> Void
}

/// One line of the log.
struct LoggedSession: Sendable, Hashable {
  /// The session's name.
  var id: String
  /// When it began, in seconds since 1970.
  var began: Double
  /// How it ended.
  var status: SessionStatus
  /// Whether its repair is in the user's files.
  var applied: Bool
  /// Whether its patch mends a part only.
  var partial: Bool
  /// Elapsed seconds.
  var seconds: Double
  /// The program's root.
  var root: String
  /// What was run, in a few words.
  var title: String
}

/// Everything stored of one session.
struct SessionRecord: Sendable {
  /// Its line in the log.
  var summary: LoggedSession
  /// What was healed.
  var program: Program
  /// What decided.
  var oracle: Oracle
  /// Whether secrets in it were masked, so that the same run cannot be made from it again.
  var isMasked: Bool
  /// The surroundings; nil when it ended before it had any.
  var surroundings: Surroundings?
  /// How it ended; nil while it runs, or when it was killed.
  var report: SessionReport?
  /// How many candidates of each kind came to each verdict.
  var tallies: [Tally]
  /// What the oracle said of the program as it was found; nil when it did not come to that.
  var baseline: Judgement?
  /// What was found wrong with it then.
  var firstFindings: [Finding] = []

  /// Candidates of one kind that came to one verdict.
  struct Tally: Sendable, Hashable {
    /// The kind of edit.
    var kind: String
    /// The verdict's name.
    var verdict: String
    /// How many.
    var count: Int
  }
}

extension Program {
  /// Whether its title names several things.
  var isPlural: Bool { if case .suite = entry { true } else { false } }

  /// What is run, in a few words.
  var title: String {
    switch entry {
    case .script(let path, let arguments): ([path] + arguments).joined(separator: " ")
    case .suite(let targets, _):
      targets.isEmpty ? "the tests" : "the tests of " + targets.joined(separator: " ")
    case .command(let line): line
    }
  }
}
