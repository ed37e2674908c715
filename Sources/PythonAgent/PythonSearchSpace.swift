import Healing
import HealingModel
import Search

/// Warm evaluation of edits by one or more agents.
actor PythonSearchSpace: SearchSpace {
  nonisolated let baseline: Judgement
  nonisolated let coverage: [[String: [Int]]]
  private let clients: [AgentClient]
  private let depth: String
  /// The enumeration that the ids of a base refer to; each agent repeats it before it evaluates.
  private var enumerations: [Int: EditsParameters] = [:]
  private var known: [Set<Int>]

  struct EditsParameters: Encodable, Hashable {
    var base: Int
    var places: [String: [String: Double]]
    var kinds: [String]?
    var limit: Int
  }

  static func open(
    on sources: Sources,
    setup: PythonAdapter.Setup,
    clients: [AgentClient]
  ) async throws -> PythonSearchSpace {
    let parameters = LoadParameters(
      oracle: WireOracle(setup),
      files: sources.texts,
      modules: [],
      coverage: true,
      timeout: setup.limits.wall
    )
    var baselines: [WireBaseline] = []
    for client in clients {
      baselines.append(
        try await client.request("load", parameters, within: setup.limits.wall * 4)
      )
    }
    guard let first = baselines.first else {
      throw AdapterError.fault(message: "no agent was started")
    }
    return PythonSearchSpace(baseline: first, clients: clients)
  }

  private init(baseline: WireBaseline, clients: [AgentClient]) {
    self.baseline = baseline.judgement
    coverage = baseline.tests.map { baseline.coverage?[$0.id] ?? [:] }
    depth = baseline.depth ?? "fork"
    self.clients = clients
    known = Array(repeating: [], count: clients.count)
  }

  func define(base number: Int, sources: Sources) async throws {
    struct Parameters: Encodable {
      var base: Int
      var files: [String: String]
    }
    for client in clients {
      let _: Nothing = try await client.request(
        "base",
        Parameters(base: number, files: sources.texts),
        within: 30
      )
    }
  }

  func edits(
    base: Int,
    places: [String: [Int: Double]],
    limit: Int
  ) async throws -> [SearchEdit] {
    struct Reply: Decodable { var edits: [Row] }
    let parameters = EditsParameters(
      base: base,
      places: places.mapValues { lines in
        Dictionary(uniqueKeysWithValues: lines.map { ("\($0.key)", $0.value) })
      },
      limit: limit
    )
    enumerations[base] = parameters
    for index in known.indices { known[index].remove(base) }
    let reply: Reply = try await clients[0].request("edits", parameters, within: 60)
    known[0].insert(base)
    return reply.edits.map(\.edit)
  }

  func evaluate(
    base: Int,
    candidates: [[Int]],
    options: EvaluationOptions
  ) async throws -> [Evaluation] {
    let share = (candidates.count + clients.count - 1) / clients.count
    guard clients.count > 1, candidates.count > 8 else {
      return try await evaluate(base, candidates, options, by: 0)
    }
    return try await withThrowingTaskGroup(of: (Int, [Evaluation]).self) { group in
      for index in clients.indices {
        let part = Array(candidates.dropFirst(index * share).prefix(share))
        guard !part.isEmpty else { continue }
        group.addTask { (index, try await self.evaluate(base, part, options, by: index)) }
      }
      var parts: [Int: [Evaluation]] = [:]
      for try await (index, results) in group { parts[index] = results }
      return parts.keys.sorted().flatMap { parts[$0] ?? [] }
    }
  }

  private func evaluate(
    _ base: Int,
    _ candidates: [[Int]],
    _ options: EvaluationOptions,
    by index: Int
  ) async throws -> [Evaluation] {
    struct Parameters: Encodable {
      var base: Int
      var candidates: [[Int]]
      var depth: String
      var full: Bool
      var fuel: Int
      var timeout: Double
    }
    let client = clients[index]
    if !known[index].contains(base), let parameters = enumerations[base] {
      struct Reply: Decodable {}
      let _: Reply = try await client.request("edits", parameters, within: 60)
      known[index].insert(base)
    }
    let reply: WireEvaluations = try await client.request(
      "evaluate",
      Parameters(
        base: base,
        candidates: candidates,
        depth: depth,
        full: options.full,
        fuel: options.fuel,
        timeout: options.timeout
      ),
      within: options.timeout * Double(candidates.count) + 30
    )
    return reply.evaluations
  }

  func render(base: Int, candidate: [Int]) async throws -> [Edit] {
    struct Parameters: Encodable {
      var base: Int
      var candidate: [Int]
    }
    struct Reply: Decodable { var edits: [WireEdit] }
    let reply: Reply = try await clients[0].request(
      "render",
      Parameters(base: base, candidate: candidate),
      within: 30
    )
    return reply.edits.map { $0.edit() }
  }

  func close() async {
    for client in clients { await client.close() }
  }
}

private struct Nothing: Decodable {}

/// One edit as `edits` lists it.
private struct Row: Decodable {
  var edit: SearchEdit

  init(from decoder: any Decoder) throws {
    var row = try decoder.unkeyedContainer()
    let id = try row.decode(Int.self)
    let kind = try row.decode(String.self)
    let path = try row.decode(String.self)
    let start = TextPosition(line: try row.decode(Int.self), column: try row.decode(Int.self))
    let end = TextPosition(line: try row.decode(Int.self), column: try row.decode(Int.self))
    edit = SearchEdit(
      id: id,
      kind: kind,
      path: path,
      range: TextRange(start: start, end: end),
      size: try row.decode(Int.self),
      description: try row.decode(String.self)
    )
  }
}

/// What `evaluate` answers.
private struct WireEvaluations: Decodable {
  struct Detail: Decodable {
    var passed: [Int]?
    var regressed: [Int]?
  }
  var results: [[Int]]
  var details: [String: Detail]

  var evaluations: [Evaluation] {
    results.enumerated().map { index, row in
      let detail = details["\(index)"]
      return Evaluation(
        status: row.first.flatMap(Evaluation.Status.init) ?? .died,
        passed: row.count > 1 ? row[1] : 0,
        passing: detail?.passed ?? [],
        regressed: detail?.regressed ?? []
      )
    }
  }
}
