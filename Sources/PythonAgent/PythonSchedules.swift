import Foundation
public import Healing
public import HealingModel

/// Runs schedules of one script on warm agents, as many side by side as there are jobs.
actor PythonSchedules: ScheduledProgram {
  nonisolated let identity: ProgramIdentity
  let program: [UInt8]
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
  ///   - identity: What schedules belong to.
  ///   - program: What all requests have in common.
  ///   - places: Agents that work side by side.
  ///   - start: Starts an agent.
  init(
    identity: ProgramIdentity,
    program: [UInt8],
    places: Int,
    start: @escaping @Sendable () async throws -> AgentClient
  ) {
    self.identity = identity
    self.program = program
    self.places = max(1, places)
    self.start = start
  }

  func run(_ batch: ScheduleBatch) async throws -> ScheduledRuns {
    var batch = batch
    batch.schedules = Array(batch.schedules.prefix(Self.batchLimit))
    guard !batch.schedules.isEmpty else { return ScheduledRuns(executions: []) }
    let client = try await takeClient()
    do {
      let runs = try await ask(client, batch)
      giveBack(client)
      return runs
    } catch let error as AgentError where error.isEnd {
      // A program can take the agent down with itself: that is what its first run came to.
      return ScheduledRuns(executions: [try await lost(client, error)])
    } catch {
      giveBack(client)
      throw error
    }
  }

  /// Asks for a batch, in parts when the answer would not fit into a frame.
  private func ask(_ client: AgentClient, _ batch: ScheduleBatch) async throws -> ScheduledRuns {
    do {
      let request = WireScheduleRequest(program: program, batch: batch).encoded
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
      return try await ask(client, part)
    }
  }

  /// Closes an agent that is of no use any more; answers what the run came to.
  func lost(_ client: AgentClient, _ error: AgentError) async throws -> Execution {
    busy[ObjectIdentifier(client)] = nil
    await client.close()
    giveBack(nil)
    try Task.checkCancellation()
    return Self.untold("the program ended the process that ran it: \(error)")
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

  func takeClient() async throws -> AgentClient {
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

  func giveBack(_ client: AgentClient?) {
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
  public func openSchedules(on sources: Sources) async throws -> any ScheduledProgram {
    guard case .script(let path, let arguments) = setup.program.entry else {
      throw AdapterError.usage(message: "schedules of threads are explored for scripts")
    }
    var example = ExampleCase(name: "", expected: nil)
    if case .examples(let cases) = setup.oracle, let first = cases.first { example = first }
    let limits = setup.limits
    let run = WireRun(
      argv: [setup.program.argument(path)] + arguments + example.arguments,
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
    let schedules = PythonSchedules(
      identity: ProgramIdentity(
        files: Dictionary(hashes) { first, _ in first },
        interpreter: setup.interpreter.version,
        hashSeed: Self.hashSeed
      ),
      program: try WireScheduleRequest.program(run: run, files: changed.texts),
      places: setup.options.jobs,
      start: { try await self.startAgent() }
    )
    opened.append(schedules)
    return schedules
  }
}
