import Foundation
public import Healing
public import HealingModel

/// A script with certain sources in place, under schedules of its threads.
struct PythonScheduledProgram: ScheduledProgram {
  let identity: ProgramIdentity
  let agents: PythonSchedules
  let run: WireRun
  /// The files that differ from the program as it was found.
  let changed: Sources

  func run(_ batch: ScheduleBatch) async throws -> ScheduledRuns {
    try await agents.run(batch, of: self)
  }

  func record(_ limits: RecordingLimits) async throws -> RecordedRun {
    try await agents.record(limits, of: self)
  }

  func canInterrupt(_ pairs: [Interruption]) async throws -> [Bool?] {
    try await agents.canInterrupt(pairs, of: self)
  }

  func force(_ plan: ForcedPlan) async throws -> ForcedRun? {
    try await agents.force(plan, of: self)
  }
}

/// Warm agents that run schedules, as many side by side as there are jobs.
actor PythonSchedules {
  private let original: Sources
  /// The files that some program changed: agents keep what they were given last.
  private var rewritten: Set<String> = []
  private let start: @Sendable () async throws -> AgentClient
  private let places: Int
  private var idle: [AgentClient] = []
  private var busy: [ObjectIdentifier: AgentClient] = [:]
  private var starting = 0
  private var waiting: [CheckedContinuation<Void, Never>] = []
  private var isClosed = false

  /// Schedules of one request at most: the session wants to know what came in between.
  private static let batchLimit = 2000

  /// - Parameters:
  ///   - original: The program as it was found.
  ///   - places: Agents that work side by side.
  ///   - start: Starts an agent.
  init(
    original: Sources,
    places: Int,
    start: @escaping @Sendable () async throws -> AgentClient
  ) {
    self.original = original
    self.places = max(1, places)
    self.start = start
  }

  /// Runs schedules of a program; fewer than asked for when the time was over.
  func run(
    _ batch: ScheduleBatch,
    of program: PythonScheduledProgram
  ) async throws -> ScheduledRuns {
    var batch = batch
    batch.schedules = Array(batch.schedules.prefix(Self.batchLimit))
    guard !batch.schedules.isEmpty else { return ScheduledRuns(executions: []) }
    let (asked, common) = (batch, try common(program))
    let runs: ScheduledRuns?
    do {
      runs = try await withClient { client in try await self.ask(client, asked, common) }
    } catch AgentError.refused(kind: "unsuited", let message) {
      return ScheduledRuns(executions: [Self.untold(message)])
    }
    // A program can take the agent down with itself: that is what its first run came to.
    return runs ?? ScheduledRuns(executions: [Self.untold("the program ended its process")])
  }

  /// Candidates that may mend what schedules of a program show, best first.
  ///
  /// - Parameters:
  ///   - batch: The failing schedules.
  ///   - program: The program.
  ///   - sources: All its texts.
  ///   - limit: How many candidates at most.
  /// - Returns: The candidates; none when the program ended the agent with itself.
  /// - Throws: ``AgentError``, or `CancellationError` when the task was cancelled.
  func repairs(
    _ batch: ScheduleBatch,
    of program: PythonScheduledProgram,
    in sources: Sources,
    limit: Int
  ) async throws -> [ScheduleRepair] {
    struct Reply: Decodable { var candidates: [WireScheduleRepair] }
    var request = WireScheduleRequest(
      program: try WireScheduleRequest.program(run: program.run, files: sources.texts),
      batch: batch
    ).encoded
    request.removeLast()
    request += Array(",\"limit\":\(limit)}".utf8)
    let (seconds, body) = (batch.seconds + batch.limits.wall * 2 + 20, request)
    let reply: Reply? = try await withClient { client in
      try await client.request("repairs", encoded: body, within: seconds)
    }
    return reply?.candidates.map(\.repair) ?? []
  }

  /// What all requests of a program have in common.
  func common(_ program: PythonScheduledProgram) throws -> [UInt8] {
    rewritten.formUnion(program.changed.paths)
    let files = rewritten.reduce(into: [:]) { files, path in
      files[path] = program.changed[path] ?? original[path]
    }
    return try WireScheduleRequest.program(run: program.run, files: files)
  }

  /// A request that has more than what all have in common.
  func request(_ rest: some Encodable, of program: PythonScheduledProgram) throws -> [UInt8] {
    try common(program) + [UInt8(ascii: ",")] + Array(try JSONEncoder().encode(rest)).dropFirst()
  }

  /// Lends an agent; nil when the program ended it with itself.
  func withClient<Reply: Sendable>(
    _ work: @Sendable (AgentClient) async throws -> Reply
  ) async throws -> Reply? {
    let client = try await takeClient()
    do {
      let reply = try await work(client)
      giveBack(client)
      return reply
    } catch let error as AgentError where error.isEnd {
      busy[ObjectIdentifier(client)] = nil
      await client.close()
      giveBack(nil)
      try Task.checkCancellation()
      return nil
    } catch {
      giveBack(client)
      throw error
    }
  }

  /// Asks for a batch, in parts when the answer would not fit into a frame.
  private func ask(
    _ client: AgentClient,
    _ batch: ScheduleBatch,
    _ common: [UInt8]
  ) async throws -> ScheduledRuns {
    do {
      let request = WireScheduleRequest(program: common, batch: batch).encoded
      let seconds = batch.seconds + batch.limits.wall * 2 + 20
      return try await client.exchange("schedule", request, within: seconds) { frame, id in
        try Self.reply(to: id, in: frame)?.runs(of: batch.schedules.count)
      }
    } catch AgentError.refused(kind: "oversized", let message) {
      guard batch.schedules.count > 1 else {
        return ScheduledRuns(executions: [Self.untold("a run told more than fits: \(message)")])
      }
      var part = batch
      part.schedules = Array(batch.schedules.prefix(batch.schedules.count / 2))
      return try await ask(client, part, common)
    }
  }

  static func untold(_ limit: String) -> Execution {
    Execution(end: .limit, choices: ThreadRuns(), limits: [limit])
  }

  /// Reads one frame; nil when it is no reply to the request.
  static func reply(to id: Int, in frame: [UInt8]) throws -> WireScheduleReply? {
    var reader = WireReader(frame)
    var answered: Int?
    var reply: WireScheduleReply?
    var failure: AgentError?
    try reader.object { reader, name in
      switch name {
      case "id": answered = reader.null() ? nil : try reader.integer()
      case "ok": reply = try WireScheduleReply(&reader)
      case "error": failure = try refusal(&reader)
      default: try reader.skip()
      }
    }
    try reader.finish()
    guard answered == id else { return nil }
    if let failure { throw failure }
    return reply
  }

  private static func refusal(_ reader: inout WireReader) throws -> AgentError {
    var (kind, message) = ("", "")
    try reader.object { reader, name in
      switch name {
      case "kind": kind = try reader.string()
      case "message": message = try reader.string()
      default: try reader.skip()
      }
    }
    return .refused(kind: kind, message: message)
  }

  // MARK: Agents

  private func takeClient() async throws -> AgentClient {
    while idle.isEmpty, busy.count + starting >= places {
      await withCheckedContinuation { waiting.append($0) }
      try Task.checkCancellation()
    }
    if let client = idle.popLast() {
      busy[ObjectIdentifier(client)] = client
      return client
    }
    starting += 1
    defer { starting -= 1 }
    let client = try await start()
    guard !isClosed else {
      await client.close()
      throw CancellationError()
    }
    busy[ObjectIdentifier(client)] = client
    return client
  }

  private func giveBack(_ client: AgentClient?) {
    if let client, busy.removeValue(forKey: ObjectIdentifier(client)) != nil { idle.append(client) }
    if !waiting.isEmpty { waiting.removeFirst().resume() }
  }

  /// Ends every agent.
  func close() async {
    isClosed = true
    let all = idle + busy.values
    (idle, busy) = ([], [:])
    for client in all { await client.close() }
    let waiting = waiting
    self.waiting = []
    for one in waiting { one.resume() }
  }
}

extension PythonAdapter {
  /// Makes ready to run `sources` under schedules of its threads; nothing starts yet.
  public func openSchedules(
    on sources: Sources,
    test: String?
  ) async throws -> any ScheduledProgram {
    try scheduled(sources, test)
  }

  /// Whether the file of a test starts threads or tasks.
  public func testStartsThreads(_ test: String) async throws -> Bool {
    let path = test.split(separator: ":", maxSplits: 1).first.map(String.init) ?? test
    guard let text = setup.files.texts[path] else { return false }
    return try await startsThreads(Sources([path: text]))
  }

  /// Candidates that may mend what failing schedules of `sources` show, best first.
  public func scheduleRepairs(
    of sources: Sources,
    test: String?,
    failing schedules: [ScheduledFailure],
    limits: ScheduleLimits,
    limit: Int
  ) async throws -> [ScheduleRepair] {
    guard let first = schedules.first else { return [] }
    let program = try scheduled(sources, test)
    let batch = ScheduleBatch(
      schedules: schedules.map { Schedule(prefix: $0.choices) },
      shared: first.shared,
      isolation: .fork,
      detail: .values,
      timing: first.timing,
      limits: limits
    )
    return try await program.agents.repairs(batch, of: program, in: sources, limit: limit)
  }

  private func scheduled(_ sources: Sources, _ test: String?) throws -> PythonScheduledProgram {
    var example = ExampleCase(name: "", expected: nil)
    if case .examples(let cases) = setup.oracle, let first = cases.first { example = first }
    let limits = setup.limits
    var argv: [String] = []
    switch setup.program.entry {
    case .script(let path, let arguments):
      argv = [setup.program.argument(path)] + arguments + example.arguments
    case .suite where test != nil: break
    case .suite, .command:
      throw AdapterError.usage(message: "schedules of threads are explored for scripts and tests")
    }
    let run = WireRun(
      argv: argv,
      test: test,
      stdin: String(decoding: example.input, as: UTF8.self),
      limits: WireRun.Limits(
        wall: limits.wall,
        cpu: limits.cpu,
        memory: limits.memory,
        output: limits.output
      ),
      withheld: setup.processes.sandbox.withheld
    )
    let changed = sources.changes(since: setup.files.editable)
    let hashes = setup.files.texts.map { path, text in
      (path, sha256(changed[path]?.utf8.map { $0 } ?? setup.files.bytes[path] ?? Array(text.utf8)))
    }
    let agents =
      schedules
      ?? PythonSchedules(
        original: setup.files.editable,
        places: setup.options.jobs,
        start: { try await self.startAgent() }
      )
    schedules = agents
    return PythonScheduledProgram(
      identity: ProgramIdentity(
        files: Dictionary(hashes) { first, _ in first },
        interpreter: setup.interpreter.version,
        hashSeed: Self.hashSeed
      ),
      agents: agents,
      run: run,
      changed: changed
    )
  }
}
