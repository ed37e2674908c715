import Foundation
public import Healing
public import HealingModel

/// The finding of a file that is no text in its encoding.
private func encodingFinding(_ path: String) -> Finding {
  let start = TextPosition(line: 1, column: 1)
  return Finding(
    category: .syntax,
    rule: "syntax/encoding",
    path: path,
    range: TextRange(start: start, end: start),
    message: "the file is no text in the encoding that it declares, or that Python assumes",
    hint: "Declare the encoding in the first line, as in `# -*- coding: latin-1 -*-`, or save the "
      + "file as UTF-8.",
    evidence: [Evidence(source: .parse, text: "its bytes cannot be decoded")],
    confidence: .high
  )
}

/// The Python side of the loop: one program, one oracle, one interpreter.
public actor PythonAdapter: LanguageAdapter {
  /// The surroundings in which programs run.
  public nonisolated let surroundings: Surroundings
  let setup: Setup
  private let fresh: FreshRuns
  private let tools: StaticTools?
  var analysis: AgentClient?
  /// The agent that is starting.
  var starting: Task<AgentClient, any Error>?
  /// What ruff and ty say of these sources, under way or known.
  private var looked: (sources: Sources, items: Task<[StaticTools.Item]?, Never>)?
  /// What the first agent holds.
  var lastLoad: (sources: Sources, baseline: WireBaseline)?
  private var searches: [PythonSearchSpace] = []
  /// What runs schedules, once it was asked for.
  var schedules: PythonSchedules?

  /// The seed of string hashing in warm interpreters: what is found there has to happen again.
  static let hashSeed = 0

  /// What does not change while the adapter lives.
  struct Setup: Sendable {
    var program: Program
    var oracle: Oracle
    var options: PythonOptions
    var interpreter: Interpreter
    var installation: AgentInstallation
    var processes: ProcessPort
    var files: ProgramFiles
    var environment: [String: String]
    var limits: ChildLimits

    /// The files that `sources` changes, as bytes.
    func overlay(for sources: Sources) throws(AdapterError) -> [String: [UInt8]] {
      var overlay: [String: [UInt8]] = [:]
      for (path, text) in sources.texts where files.texts[path] != text {
        guard let bytes = SourceCoding.encode(text, like: files.bytes[path] ?? []) else {
          throw .fault(message: "\(path) cannot be written in its own encoding")
        }
        overlay[path] = bytes
      }
      return overlay
    }
  }

  /// Finds the interpreter, reads the program, and unpacks the agent; starts nothing yet.
  ///
  /// - Parameters:
  ///   - program: The program.
  ///   - oracle: What decides whether it passes.
  ///   - options: The user's choices.
  ///   - processes: How processes are started.
  ///   - limits: What each run may use up.
  /// - Returns: The adapter.
  /// - Throws: ``AdapterError`` when the environment lacks something.
  public static func open(
    program: Program,
    oracle: Oracle,
    options: PythonOptions,
    processes: ProcessPort,
    limits: ChildLimits = ChildLimits()
  ) async throws(AdapterError) -> PythonAdapter {
    let interpreter = try await Interpreter.find(
      root: program.root,
      options: options,
      processes: processes
    )
    var environment = ["OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"]
    if let base = interpreter.userBase { environment["PYTHONUSERBASE"] = base }
    if let path = options.environment["PYTHONPATH"] { environment["PYTHONPATH"] = path }
    let installation = try AgentInstallation.unpacked(environment: options.environment)
    await installation.compile(
      with: interpreter,
      processes: processes,
      environment: options.environment
    )
    return PythonAdapter(
      setup: Setup(
        program: program,
        oracle: oracle,
        options: options,
        interpreter: interpreter,
        installation: installation,
        processes: processes,
        files: try ProgramFiles(of: program),
        environment: environment,
        limits: limits
      )
    )
  }

  private init(setup: Setup) {
    self.setup = setup
    tools = setup.options.toolsFolder.map(StaticTools.init)
    surroundings = Surroundings(
      interpreter: setup.interpreter.path,
      interpreterVersion: setup.interpreter.version,
      sandbox: setup.processes.sandbox.mechanism,
      missing: setup.processes.sandbox.missing,
      seed: setup.options.seed
    )
    fresh = FreshRuns(
      program: setup.program,
      oracle: setup.oracle,
      interpreter: setup.interpreter,
      processes: setup.processes,
      environment: setup.environment,
      limits: setup.limits,
      guardsWholeRoot: setup.files.hasOtherTests,
      testFiles: setup.files.tests
    )
  }

  // MARK: LanguageAdapter

  /// The files that the program's entry reaches and a repair may change.
  public func editableSources() -> Sources { setup.files.editable }

  /// The files that no repair may change, such as tests.
  public func decidingSources() -> Sources { setup.files.deciding }

  /// Starts the agent, and what other tools say of `sources`.
  public func prepare(for sources: Sources) {
    _ = start()
    _ = look(at: sources)
  }

  /// Runs the oracle on `sources` in a fresh interpreter, in a fresh copy.
  public func judge(_ sources: Sources, run: Int) async throws -> Judgement {
    try await fresh.judge(overlay: try setup.overlay(for: sources), hashSeed: run) { text in
      try await self.report(text)
    }
  }

  /// Runs the oracle once in a warm interpreter, everything recorded.
  public func observe(_ sources: Sources) async throws -> Judgement {
    switch setup.oracle {
    case .examples(let cases): try await observeExamples(cases, sources)
    case .suite: try await observeSuite(sources)
    case .command: try await judge(sources, run: 0)
    }
  }

  /// Names every bug that can be seen, with what a run showed when there was one.
  public func findings(
    in sources: Sources,
    after observation: Observation?
  ) async throws -> [Finding] {
    struct Parameters: Encodable {
      var files: [String: String]
      var observation: WireObservation?
      var tools: [StaticTools.Item]
    }
    struct Reply: Decodable { var findings: [WireFinding] }
    async let agent = agent()
    let items = await look(at: sources)?.value
    let reply: Reply = try await agent.request(
      "diagnose",
      Parameters(
        files: sources.texts,
        observation: observation.map(WireObservation.init),
        tools: items ?? []
      ),
      within: 60
    )
    return reply.findings.map(\.finding) + setup.files.undecodable.map(encodingFinding)
  }

  /// How many runs it makes side by side.
  public nonisolated var jobs: Int { setup.options.jobs }

  /// What the reader should know of the surroundings.
  public nonisolated var notes: [String] {
    var notes: [String] = []
    if setup.options.toolsFolder == nil {
      notes.append("ruff and ty are not installed: findings come from heal's own checks alone")
    }
    if case .suite = setup.oracle, !setup.interpreter.hasPytest {
      notes.append("pytest is not installed for \(setup.interpreter.path): unittest runs the tests")
    }
    if let first = setup.files.tooLarge.first {
      let more = setup.files.tooLarge.count - 1
      notes.append(
        "\(first)\(more > 0 ? " and \(more) more" : "") is run but too large to be repaired "
          + "(files of at most 1 MB are, 4 MB in all)"
      )
    }
    return notes
  }

  /// Whole repairs of the syntax, best first.
  public func syntaxRepairs(of sources: Sources, limit: Int) async throws -> [Fix] {
    struct Parameters: Encodable {
      var files: [String: String]
      var limit: Int
    }
    struct Repair: Decodable { var edits: [WireEdit] }
    struct Reply: Decodable { var repairs: [Repair] }
    let reply: Reply = try await agent().request(
      "syntax",
      Parameters(files: sources.texts, limit: limit),
      within: 60
    )
    return reply.repairs.map { repair in
      Fix(edits: repair.edits.map { $0.edit(finding: "syntax/parse") }, confidence: .high)
    }
  }

  /// The place of the first syntax error of each file that does not parse.
  public func syntaxErrors(in sources: Sources) async throws -> [String: TextPosition] {
    struct Parameters: Encodable { var files: [String: String] }
    struct Item: Decodable {
      var range: WireRange
      var kind: String
    }
    struct Reply: Decodable { var files: [String: [Item]] }
    let reply: Reply = try await agent().request(
      "check",
      Parameters(files: sources.texts),
      within: 60
    )
    return reply.files.compactMapValues { items in
      items.filter { $0.kind != "warning" }.map(\.range.range.start).min()
    }
  }

  /// The rules of evidence that the change breaks.
  public func refusals(
    from before: Sources,
    to after: Sources,
    strength: OracleStrength,
    ordersThreads: Bool
  ) async throws -> [Refusal] {
    struct Parameters: Encodable {
      var before: [String: String]
      var after: [String: String]
      var tests: [String: String]
      var expected: [String]
      var strength: String
      var threads: Bool
    }
    struct Reply: Decodable { var refusals: [Refusal] }
    let changed = after.changes(since: before)
    var expected: [String] = []
    if case .examples(let cases) = setup.oracle { expected = cases.compactMap(\.expected) }
    let reply: Reply = try await agent().request(
      "guard",
      Parameters(
        before: before.texts.filter { changed[$0.key] != nil },
        after: changed.texts,
        tests: setup.files.texts.filter { !setup.files.isEditable($0.key) },
        expected: expected,
        strength: strength.rawValue,
        threads: ordersThreads
      ),
      within: 60
    )
    return setup.files.refusals(of: changed) + reply.refusals
  }

  /// Plants a syntax error in each changed file where the copy runs at a path of its own: an oracle
  /// that passes all the same imports the program from elsewhere, such as an editable install.
  public func confirmCopy(from before: Sources, to after: Sources) async throws {
    guard !setup.processes.sandbox.mountsProgram else { return }
    for path in after.changes(since: before).paths {
      var planted = after
      planted[path] = "(\n" + (after[path] ?? "")
      guard try await judge(planted, run: 0).passes else { continue }
      throw notTheCopy(path)
    }
  }

  /// What is run is not what is changed.
  func notTheCopy(_ path: String) -> AdapterError {
    .environment(
      message: "the checks do not run the copy of \(path) but another one, as installed",
      remedy: "install bubblewrap, with which the copy stands at the program's own path"
    )
  }

  /// The bytes, before and after, of the files that `sources` changes.
  public func fileChanges(to sources: Sources) throws -> [FileChange] {
    try setup.overlay(for: sources).sorted { $0.key < $1.key }.map { path, bytes in
      FileChange(path: path, before: setup.files.bytes[path] ?? [], after: bytes)
    }
  }

  /// Whether the program starts threads or tasks.
  public func startsThreads(_ sources: Sources) async throws -> Bool {
    struct Parameters: Encodable { var files: [String: String] }
    struct Item: Decodable {
      var threads: Bool
      var tasks: Bool
    }
    struct Reply: Decodable { var files: [String: Item] }
    let reply: Reply = try await agent().request(
      "facts",
      Parameters(files: sources.texts),
      within: 60
    )
    return reply.files.values.contains { $0.threads || $0.tasks }
  }

  /// Opens a search over edits of `sources`.
  public func openSearch(on sources: Sources) async throws -> any SearchSpace {
    let isCommand = if case .command = setup.oracle { true } else { false }
    let baseline = isCommand ? nil : try await loaded(sources)
    // Edits are defined over the loaded texts: what is observed later loads anew.
    lastLoad = nil
    let oracle = baseline == nil ? WireOracle.none : WireOracle(setup)
    if baseline == nil { _ = try await load(oracle, sources, into: try await agent()) }
    let judged = if let baseline { baseline.judgement } else { try await judge(sources, run: 0) }
    let space = PythonSearchSpace(
      baseline: judged,
      coverage: baseline.map { known in known.tests.map { known.coverage?[$0.id] ?? [:] } } ?? [],
      depth: baseline.map { $0.depth.flatMap(PythonSearchSpace.Depth.init) ?? .fork } ?? .fresh,
      sources: sources,
      agents: PythonSearchSpace.Agents(
        first: try await agent(),
        others: setup.options.jobs - 1,
        start: { try await self.startAgent() },
        load: { _ = try await self.load(oracle, sources, into: $0) }
      ),
      judge: { try await self.judge($0, run: 0) }
    )
    searches.append(space)
    return space
  }

  /// Ends every process that it started.
  public func close() async {
    looked?.items.cancel()
    _ = await looked?.items.value
    for search in searches { await search.close() }
    await schedules?.close()
    starting?.cancel()
    if let starting, let agent = try? await starting.value { await agent.close() }
    await analysis?.close()
    (searches, schedules, analysis, starting, looked) = ([], nil, nil, nil, nil)
  }

  /// What ruff and ty say of `sources`; nil without them.
  private func look(at sources: Sources) -> Task<[StaticTools.Item]?, Never>? {
    guard let tools else { return nil }
    if let looked, looked.sources == sources { return looked.items }
    looked?.items.cancel()
    let items = Task { [setup] in
      await tools.items(
        in: sources,
        interpreter: setup.interpreter,
        processes: setup.processes,
        limits: setup.limits
      )
    }
    looked = (sources, items)
    return items
  }

  private func report(_ text: String) async throws -> [ReportedTest] {
    struct Parameters: Encodable { var text: String }
    struct Reply: Decodable { var tests: [ReportedTest] }
    let reply: Reply = try await agent().request("junit", Parameters(text: text), within: 30)
    return reply.tests
  }
}
