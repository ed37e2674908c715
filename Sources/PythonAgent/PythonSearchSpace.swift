import Healing
import HealingModel
import Patching
import Search

/// Evaluation of edits: by warm agents where that is sound, in fresh interpreters where it is not.
actor PythonSearchSpace: SearchSpace {
  nonisolated let baseline: Judgement
  nonisolated let coverage: [[String: [Int]]]
  nonisolated let isCheap: Bool
  private let agents: Agents
  private var clients: [AgentClient]
  /// Candidates that were evaluated.
  private var count = 0
  /// An agent that cannot be asked yet.
  private var starting: AgentClient?
  private var isClosed = false
  /// Whether one more agent may be started.
  private var mayGrow = true
  /// How far evaluations are kept apart; it only ever gets further.
  private var depth: Depth
  private let judge: @Sendable (Sources) async throws -> Judgement
  /// How far each base gets: agents tell how much further than its base a candidate does.
  private var standing: [Int: Int] = [:]
  /// The texts of each base.
  private var states: [Int: Sources]
  /// The enumeration that the ids of a base refer to; each agent repeats it before it evaluates.
  private var enumerations: [Int: EditsParameters] = [:]
  /// The agent that works on each base; on base 0 all do.
  private var homes: [Int: Int] = [:]
  /// The bases whose enumeration each agent holds.
  private var enumerated: [Set<Int>]

  /// How far evaluations are kept apart.
  enum Depth: String, Sendable, CaseIterable {
    case inProcess
    case fork
    case fresh

    /// The one of the two that keeps evaluations further apart.
    func further(_ other: Depth) -> Depth {
      Depth.allCases.last { $0 == self || $0 == other } ?? self
    }
  }

  private struct EditsParameters: Encodable {
    var base: Int
    var places: [String: [String: Double]]
    var kinds: [String]?
    var limit: Int
    /// Sentences come with what is rendered: to make them of all edits takes as long as to list these.
    var sentences = false
    /// Whether expressions are to be synthesised from what tests show; then `offers` is what came.
    var synthesise: Bool?
    var offers: String?
  }

  /// Where agents come from: the first is at hand, others start once a search turns out long.
  struct Agents: Sendable {
    var first: AgentClient
    var others: Int
    var start: @Sendable () async throws -> AgentClient
    var load: @Sendable (AgentClient) async throws -> Void
  }

  /// The progress of one more test that passes.
  private static let passing = 4_000

  /// Inputs that versions are compared on: enough to tell behaviours apart in a tenth of a second.
  private static let comparedInputs = 200

  /// Candidates after which a search is long enough for starting more agents to pay.
  private static let longSearch = 2_000

  init(
    baseline: Judgement,
    coverage: [[String: [Int]]],
    depth: Depth,
    sources: Sources,
    agents: Agents,
    judge: @escaping @Sendable (Sources) async throws -> Judgement
  ) {
    self.baseline = baseline
    self.depth = depth
    isCheap = depth == .inProcess
    self.agents = agents
    clients = [agents.first]
    self.judge = judge
    // Where nothing recorded coverage, every line of the program may be at fault.
    let everywhere = sources.texts.mapValues { Array(1...max(1, lines(of: $0).count)) }
    self.coverage =
      coverage.isEmpty ? Array(repeating: everywhere, count: baseline.tests.count) : coverage
    states = [0: sources]
    enumerated = [[]]
  }

  func define(base number: Int, sources: Sources, progress: Int) async throws {
    standing[number] = progress
    var state = states[0] ?? Sources()
    state.texts.merge(sources.texts) { $1 }
    states[number] = state
    struct Parameters: Encodable {
      var base: Int
      var files: [String: String]
    }
    let changed = state.changes(since: states[0] ?? Sources())
    // To list the edits of a base costs an agent as much as a thousand candidates: one does it.
    let home = number % clients.count
    homes[number] = home
    let _: Nothing = try await clients[home].request(
      "base",
      Parameters(base: number, files: changed.texts),
      within: 30
    )
  }

  func edits(
    base: Int,
    places: [String: [Int: Double]],
    limit: Int
  ) async throws -> [SearchEdit] {
    struct Reply: Decodable {
      var edits: [WireEditRow]
      var offers: String
    }
    var parameters = EditsParameters(
      base: base,
      places: places.mapValues { lines in
        Dictionary(uniqueKeysWithValues: lines.map { ("\($0.key)", $0.value) })
      },
      limit: limit,
      synthesise: depth == .fresh || base != 0 ? nil : true
    )
    for index in enumerated.indices { enumerated[index].remove(base) }
    let home = homes[base] ?? 0
    let reply: Reply = try await clients[home].request("edits", parameters, within: 60)
    // Other agents list the same edits without running anything: an id means the same to all.
    parameters.synthesise = nil
    parameters.offers = reply.offers
    enumerations[base] = parameters
    enumerated[home].insert(base)
    return reply.edits.map(\.edit)
  }

  func evaluate(
    base: Int,
    candidates: [[Int]],
    options: EvaluationOptions
  ) async throws -> [Evaluation] {
    let end = ContinuousClock.now + .seconds(options.seconds)
    guard depth != .fresh else { return try await evaluateFresh(base, candidates, until: end) }
    var results = try await evaluateWarm(base, candidates, options)
    if depth == .fork, try await isContradicted(results, of: candidates, at: base, until: end) {
      // One verdict that a fresh interpreter does not share voids those beside it, and what was not
      // true of a fork once is not relied on again.
      depth = .fresh
      return try await evaluateFresh(base, candidates, until: end)
    }
    // What an impure candidate did to the copy is gone with it: it runs again in one of its own.
    for index in results.indices where results[index].status == .impure {
      let again = try await evaluateFresh(base, [candidates[index]], until: end)
      if let again = again.first { results[index] = again }
    }
    return results
  }

  /// Whether one of the failing candidates that are repeated in a fresh interpreter passes there.
  ///
  /// Passing ones are repeated before anything is claimed; those that came to no end would only do
  /// so again.
  private func isContradicted(
    _ results: [Evaluation],
    of candidates: [[Int]],
    at base: Int,
    until end: ContinuousClock.Instant
  ) async throws -> Bool {
    for (candidate, result) in zip(candidates, results)
    where [.failed, .partial, .died].contains(result.status) && isSampled(result.digest) {
      let again = try await evaluateFresh(base, [candidate], until: end)
      if again.first?.status == .passed { return true }
    }
    return false
  }

  private func evaluateWarm(
    _ base: Int,
    _ candidates: [[Int]],
    _ options: EvaluationOptions
  ) async throws -> [Evaluation] {
    count += candidates.count
    if count > Self.longSearch, mayGrow, clients.count <= agents.others {
      mayGrow = false
      // The others work on while it starts, which takes as long as the tests do.
      Task { await startAnother() }
    }
    let share = (candidates.count + clients.count - 1) / clients.count
    guard clients.count > 1, candidates.count > 8, base == 0 else {
      return try await evaluate(base, candidates, options, by: homes[base] ?? 0)
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

  private func startAnother() async {
    guard let client = try? await agents.start() else { return }
    starting = client
    do {
      guard !isClosed else { throw CancellationError() }
      try await agents.load(client)
      guard !isClosed else { throw CancellationError() }
      starting = nil
      clients.append(client)
      enumerated.append([])
      mayGrow = true
    } catch {
      // What does not start once would not start the next time: the search goes on with those it has.
      starting = nil
      await client.close()
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
      var seconds: Double
    }
    let client = clients[index]
    if !enumerated[index].contains(base) {
      // A base of which nobody wants the edits is evaluated as it is.
      let none = EditsParameters(base: base, places: [:], limit: 1)
      let _: Nothing = try await client.request("edits", enumerations[base] ?? none, within: 60)
      enumerated[index].insert(base)
    }
    let reply: WireEvaluations = try await client.request(
      "evaluate",
      Parameters(
        base: base,
        candidates: candidates,
        depth: depth.rawValue,
        full: options.full,
        fuel: options.fuel,
        timeout: options.timeout,
        seconds: options.seconds
      ),
      within: options.seconds + options.timeout + 30
    )
    // The agent goes deeper where verdicts of a cheaper depth turned out not to hold.
    depth = depth.further(Depth(rawValue: reply.depth) ?? depth)
    let standing = standing[base] ?? 0
    return reply.evaluations.map {
      var evaluation = $0
      evaluation.progress += standing
      return evaluation
    }
  }

  /// One fresh interpreter for each candidate, none of them begun after `end`.
  private func evaluateFresh(
    _ base: Int,
    _ candidates: [[Int]],
    until end: ContinuousClock.Instant
  ) async throws -> [Evaluation] {
    guard let state = states[base] else { return [] }
    var results: [Evaluation] = []
    for candidate in candidates {
      try Task.checkCancellation()
      guard ContinuousClock.now < end else {
        results.append(Evaluation(status: .notRun, progress: 0))
        continue
      }
      let edits = try await render(base: base, candidate: candidate).edits
      guard let sources = try? Patch(edits: edits).applied(to: state) else {
        results.append(Evaluation(status: .invalid, progress: 0))
        continue
      }
      results.append(evaluation(of: try await judge(sources)))
    }
    return results
  }

  private func evaluation(of judgement: Judgement) -> Evaluation {
    let passing = Set(judgement.tests.filter { $0.outcome == .passed }.map(\.id))
    let indices = baseline.tests.indices.filter { passing.contains(baseline.tests[$0].id) }
    let before = baseline.tests.indices.filter { baseline.tests[$0].outcome == .passed }
    let regressed = before.filter { !indices.contains($0) }
    let gained = indices.contains { !before.contains($0) }
    let status: Evaluation.Status =
      judgement.passes && regressed.isEmpty ? .passed : gained ? .partial : .failed
    return Evaluation(
      status: status,
      progress: Self.passing * (indices.count { !before.contains($0) } - regressed.count),
      passing: indices,
      regressed: regressed
    )
  }

  func render(base: Int, candidate: [Int]) async throws -> Rendering {
    struct Parameters: Encodable {
      var base: Int
      var candidate: [Int]
    }
    struct Reply: Decodable {
      var edits: [WireEdit]
      var sentences: [String]
    }
    let reply: Reply = try await clients[homes[base] ?? 0].request(
      "render",
      Parameters(base: base, candidate: candidate),
      within: 30
    )
    return Rendering(edits: reply.edits.map { $0.edit() }, sentences: reply.sentences)
  }

  func compare(_ versions: [Sources], within seconds: Double) async throws -> Comparison {
    struct Parameters: Encodable {
      var base: Int
      var versions: [[String: String]]
      var inputs: Int
      var seed: Int
      var fuel: Int
      var seconds: Double
    }
    guard depth != .fresh, let loaded = states[0] else { return Comparison() }
    let reply: WireComparison = try await clients[0].request(
      "compare",
      Parameters(
        base: 0,
        versions: versions.map { $0.changes(since: loaded).texts },
        inputs: Self.comparedInputs,
        seed: 1,
        fuel: 250_000,
        seconds: seconds
      ),
      within: seconds + 30
    )
    return reply.comparison
  }

  /// The first agent is the adapter's, which goes on with it.
  func close() async {
    isClosed = true
    await starting?.close()
    for client in clients.dropFirst() { await client.close() }
  }
}

/// Whether a failing verdict is repeated at the dearest depth: one in 200, by the code alone, so that
/// neither requests nor agents change which.
func isSampled(_ digest: String) -> Bool {
  guard let number = UInt64(digest, radix: 16) else { return false }
  return number % 200 == 0
}
