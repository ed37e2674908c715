public import HealingModel

/// Explores one schedule of each class of those that differ only in the order of independent steps;
/// ends by itself.
///
/// Optimal dynamic partial order reduction: Abdulla, Aronis, Jonsson and Sagonas, "Optimal Dynamic
/// Partial Order Reduction", 2014, with source sets and wake-up trees; no bound on preemptions.
/// Each execution is looked through for races: pairs of dependent steps with nothing between them
/// in happens-before. For each one, an execution with the opposite order is planned, unless one
/// that was planned or explored covers it.
///
/// Blocking makes two additions necessary. Two acquisitions of a lock are a race although a release
/// lies between them, also when the second one never came to pass because the execution ended in a
/// deadlock. And a step that another one enables, such as an acquisition after a release, can come
/// before it if it has a time-out or does not block; where the executions so far do not tell, a run
/// is spent on looking (``ExplorationCounts/redundant``).
///
/// The executions that come to an end of their own are as many as the classes (Mazurkiewicz
/// traces), except that up to 1.6 times as many were seen for programs in deadlocks, and up to five
/// times as many where the end of the main thread ends others: there it is not known what the
/// threads that were kept from going on would have done next. Redundant runs come to one for seven
/// others.
///
/// A run follows a schedule to its end and then the policy, which knows of no sleeping threads.
/// When it lets one go on, the run repeats another one from there
/// (``ExplorationCounts/redundant``), and the schedule is run again with another thread at that
/// step.
public struct OptimalExploration: Exploration {
  /// A place in the exploration: the state before a step.
  struct Node: Sendable {
    var sleepers: [Sleeper] = []
    /// What is still to be explored from here, the current branch left out.
    var tree: [WakeupBranch] = []
    /// Whether no thread sleeps in the current branch.
    var startsAwake = false
  }

  /// What the current branch says of a place that it leads to.
  struct Planned: Sendable {
    var tree: [WakeupBranch]
    var startsAwake: Bool
  }

  private enum State {
    case following([Int])
    case probing([Probe])
    case done
  }

  /// The places along the current execution; one more than there are steps.
  var nodes: [Node] = [Node()]
  /// The current execution as far as it is part of the exploration.
  var history = StepHistory()
  /// Side branches of the current branch, by place, beyond the nodes.
  private var plan: [Planned] = []
  /// Races of the current branch.
  private var races: [Race] = []
  /// What event loops could have done instead in the current branch.
  private var turns: [Turn] = []
  private var waits = WaitKnowledge()
  private var reader = StepReader()
  private var state = State.following([])
  private var requested: Set<[Int]> = []
  private var executions: [[Int]: Execution] = [:]
  private var shortfalls: Set<Shortfall> = []
  /// How many executions were handed back so far.
  public private(set) var counts = ExplorationCounts()
  /// How many runs ended where all threads that could go on were asleep; few, and counted as
  /// redundant.
  public private(set) var sleepBlocked = 0

  /// Makes an exploration that begins with the schedule that never switches without need.
  public init() {}

  /// Whether all is explored; or what is missing.
  public var completeness: Completeness {
    if case .done = state, shortfalls.isEmpty { return .exhausted(preemptions: nil) }
    if case .done = state { return .incomplete(shortfalls) }
    return .incomplete(shortfalls.union([.unfinished]))
  }

  /// Schedules that have to be run; more than one when several branches are known.
  public mutating func next(_ count: Int) -> [Schedule] {
    var found: [Schedule] = []
    for prefix in awaited where found.count < count && requested.insert(prefix).inserted {
      found.append(Schedule(prefix: ThreadRuns(prefix)))
    }
    guard found.count < count, case .following(let current) = state else { return found }
    for prefix in pending(beyond: current)
    where found.count < count && requested.count < 256 && requested.insert(prefix).inserted {
      found.append(Schedule(prefix: ThreadRuns(prefix)))
    }
    return found
  }

  /// Looks an execution through once those before it were.
  public mutating func take(_ execution: Execution, of schedule: Schedule) {
    let prefix = schedule.prefix.threads
    guard requested.contains(prefix) else { return }
    executions[prefix] = execution
    while advance() {}
  }

  // MARK: Order

  /// The schedules without which nothing goes on.
  private var awaited: [[Int]] {
    switch state {
    case .following(let prefix): [prefix]
    case .probing(let probes): probes.map(\.prefix)
    case .done: []
    }
  }

  /// Schedules that will be needed later, in the order in which they will be.
  private func pending(beyond current: [Int]) -> [[Int]] {
    var found: [[Int]] = []
    let open = nodes.count - 1
    for (offset, planned) in plan.enumerated().reversed() {
      let prefix = current[...(open + offset)]
      found += planned.tree.flatMap(\.leaves).map { prefix + $0 }
    }
    let threads = history.entries.map(\.step.thread)
    for (depth, node) in nodes.enumerated().reversed() {
      found += node.tree.flatMap(\.leaves).map { threads[..<depth] + $0 }
      if found.count > 256 { break }
    }
    return found
  }

  private mutating func received(_ prefix: [Int]) -> Execution? {
    guard let execution = executions.removeValue(forKey: prefix) else { return nil }
    requested.remove(prefix)
    shortfalls.formUnion(execution.shortfalls)
    if !execution.foundShared.isEmpty {
      counts.add(execution)
      state = .done
    }
    return execution
  }

  /// Does the next thing that the executions at hand allow; false when there is none.
  private mutating func advance() -> Bool {
    switch state {
    case .done: return false
    case .following(let prefix):
      guard let execution = received(prefix) else { return false }
      if case .done = state { return false }
      follow(execution, prefix: prefix)
    case .probing(let probes):
      guard probes.allSatisfy({ executions[$0.prefix] != nil }) else { return false }
      let found = probes.compactMap { executions[$0.prefix] }
      for probe in probes { _ = received(probe.prefix) }
      if case .done = state { return false }
      for (probe, execution) in zip(probes, found) { resolve(probe, by: execution) }
      backtrack()
    }
    return true
  }

  // MARK: Following an execution

  private mutating func follow(_ execution: Execution, prefix: [Int]) {
    guard let steps = reader.steps(of: execution),
      steps.starts(with: prefix, by: { $0.thread == $1 })
    else {
      counts.add(execution)
      if execution.end != .divergence { shortfalls.insert(.unreadable) }
      (races, turns) = ([], [])
      return backtrack()
    }
    waits.learn(from: execution, steps: steps)
    while history.entries.count < steps.count {
      let place = history.entries.count
      let step = steps[place]
      if place >= prefix.count, nodes[place].sleepers.contains(where: { $0.thread == step.thread })
      {
        counts.redundant += 1
        return avoidSleeper(before: step, later: steps[place...])
      }
      take(step, later: steps[(place + 1)...])
    }
    plan = []
    counts.add(execution)
    finish(execution)
  }

  /// Goes on with a thread that is not asleep.
  private mutating func avoidSleeper(before step: ExecutionStep, later: ArraySlice<ExecutionStep>) {
    let asleep = nodes[nodes.count - 1].sleepers.map(\.thread)
    let awake = (step.ready + step.timed).filter { !asleep.contains($0) }.sorted()
    guard let chosen = awake.first(where: { $0 > step.thread }) ?? awake.first else {
      sleepBlocked += 1
      (races, turns) = ([], [])
      return backtrack()
    }
    state = .following(history.entries.map(\.step.thread) + [chosen])
  }

  private mutating func take(_ step: ExecutionStep, later: ArraySlice<ExecutionStep>) {
    let place = history.entries.count
    let direct = history.append(step)
    races += direct.map { Race(earlier: $0, later: place) }
    turns += step.rivals.map { Turn(place: place, thread: $0) }
    if step.first.kind == .acquire,
      let taken = history.lastAcquisition(of: step.first.object, before: place),
      let race = lockRace(taken: taken, before: history.entries[place].previous, at: place)
    {
      races.append(race)
    }
    let next = plan.isEmpty ? nil : plan.removeFirst()
    nodes.append(
      Node(
        sleepers: stillAsleep(after: step, at: place, later: later),
        tree: next?.tree ?? [],
        startsAwake: next?.startsAwake ?? false
      )
    )
  }

  private func stillAsleep(
    after step: ExecutionStep,
    at place: Int,
    later: ArraySlice<ExecutionStep>
  ) -> [Sleeper] {
    guard !nodes[place].startsAwake else { return [] }
    return nodes[place].sleepers.filter { sleeper in
      guard sleeper.thread != step.thread, !sleeper.step.depends(on: step) else { return false }
      // Numbers of objects that a step came upon while it was taken can differ between executions.
      guard sleeper.step.further.contains(where: { $0.object != sleeper.step.loop }) else {
        return true
      }
      let own = later.first { $0.thread == sleeper.thread }
      return own.map { !$0.depends(on: step) } ?? false
    }
  }

  /// The race of two acquisitions, unless the thread of the second one knew of the first one
  /// before.
  private func lockRace(taken: Int, before previous: Int, at place: Int) -> Race? {
    let isKnown = previous >= 0 && history.isOrdered(taken, previous)
    let isOwn = history.entries[taken].step.carrier == history.entries[place].step.carrier
    return isKnown || isOwn ? nil : Race(earlier: taken, later: place)
  }

  // MARK: The end of an execution

  private mutating func finish(_ execution: Execution) {
    var probes: [Probe] = []
    for race in races { plan(race, probes: &probes) }
    for turn in turns where !givesWay(turn) { insert(reversal(of: turn)) }
    for pending in unfinished(at: execution) { plan(pending, probes: &probes) }
    (races, turns) = ([], [])
    if probes.isEmpty { backtrack() } else { state = .probing(probes) }
  }

  private mutating func plan(_ race: Race, probes: inout [Probe]) {
    switch canComeFirst(race) {
    case true?: insert(reversal(of: race))
    case false?: break
    case nil: probes.append(probe(reversal(of: race)))
    }
  }

  private mutating func plan(_ pending: PendingStep, probes: inout [Probe]) {
    let reversal = reversal(of: pending)
    if pending.isCertain {
      insert(reversal)
    } else {
      probes.append(probe(reversal))
    }
  }

  /// Whether the later step of a race could be taken in place of the earlier one; nil when that is
  /// not known.
  private func canComeFirst(_ race: Race) -> Bool? {
    let earlier = history.entries[race.earlier]
    let later = history.entries[race.later]
    if later.step.loop != 0, later.step.loop == earlier.step.loop {
      return later.previous > race.earlier || earlier.step.couldTake(later.step.thread)
    }
    switch (earlier.step.first.kind, later.step.first.kind) {
    case (_, .start): return false
    case (.release, .acquire), (.wait, .acquire), (.notify, .wake), (.end, .join):
      if later.previous < race.earlier { return earlier.step.couldTake(later.step.thread) }
      return later.step.place.flatMap { waits.canPass($0) }
    default: return true
    }
  }

  /// Whether a loop only gives way to its timers, having gone round for long: then they come.
  private mutating func givesWay(_ turn: Turn) -> Bool {
    guard history.byThread.indices.contains(turn.thread),
      let next = history.byThread[turn.thread].first(where: { $0 > turn.place }),
      history.entries[next].step.first.kind == .yield
    else { return false }
    shortfalls.insert(.fairness)
    return true
  }

  private mutating func resolve(_ probe: Probe, by execution: Execution) {
    counts.redundant += 1
    guard let steps = reader.steps(of: execution) else { return }
    waits.learn(from: execution, steps: steps)
    guard steps.starts(with: probe.prefix, by: { $0.thread == $1 }),
      probe.prefix.count < steps.count,
      steps[probe.prefix.count].couldTake(probe.thread)
    else { return }
    insert(probe.reversal)
  }

  private mutating func insert(_ reversal: Reversal) {
    var sequence = reversal.sequence
    let node = nodes[reversal.place]
    let answers = node.sleepers.map { sequence.isCovered(by: $0) }
    guard !answers.contains(true) else { return }
    nodes[reversal.place].tree.insert(&sequence, isCertain: !answers.contains(nil))
  }

  /// Goes back to the deepest place from which something is left to explore.
  private mutating func backtrack() {
    while let last = nodes.last, last.tree.isEmpty { nodes.removeLast() }
    plan = []
    guard let place = nodes.indices.last else {
      state = .done
      return
    }
    if place < history.entries.count {
      let step = history.entries[place].step
      nodes[place].sleepers.append(Sleeper(thread: step.thread, step: step))
    }
    history.truncate(to: place)
    var branch = nodes[place].tree.removeFirst()
    nodes[place].startsAwake = branch.startsAwake
    var prefix = history.entries.map(\.step.thread) + [branch.thread]
    while let first = branch.children.first {
      let others = Array(branch.children.dropFirst())
      plan.append(Planned(tree: others, startsAwake: first.startsAwake))
      prefix.append(first.thread)
      branch = first
    }
    state = .following(prefix)
  }
}
