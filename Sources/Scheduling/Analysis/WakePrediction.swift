import HealingModel

/// Waits after which a thread does not look again at what it waited for, though another thread that
/// does the same can take it first: a stolen wake-up.
struct WakePrediction {
  private let evidence: RecordedEvidence
  private let events: [TraceEvent]

  /// How many accesses of others are looked at for each wait.
  private static let mostOthers = 1000
  /// How many waits at one place are looked at.
  private static let mostWaits = 50

  init(_ evidence: RecordedEvidence) {
    self.evidence = evidence
    events = evidence.trace.events
  }

  /// One finding for the waits at one place.
  var findings: [RecordedFinding] {
    let waits = events.indices.filter { events[$0].kind == .wait }
    guard !waits.isEmpty else { return [] }
    let order = HappensBefore(
      evidence.trace,
      by: Set(OrderReason.allCases).subtracting([.lock, .notify])
    )
    let byThread = Dictionary(grouping: events.indices) { events[$0].thread }
    var byPlace: [Int: [Int]] = [:]
    for wait in waits { byPlace[events[wait].place, default: []].append(wait) }
    return byPlace.values.sorted { $0[0] < $1[0] }.compactMap { there in
      there.prefix(Self.mostWaits).lazy.compactMap { wait in
        stolen(wait, byThread[events[wait].thread] ?? [], order)
      }.first
    }
  }

  /// Goes by the thread's own events: the test, the wait, the lock taken back, what it does then.
  private func stolen(_ wait: Int, _ own: [Int], _ order: HappensBefore) -> RecordedFinding? {
    let lock = events[wait].object
    guard let at = own.firstIndex(of: wait),
      let begin = own[..<at].last(where: { isTaking($0, lock) }),
      let back = own[(at + 1)...].first(where: { isTaking($0, lock) }),
      own[(at + 1)...].prefix(while: { $0 < back }).contains(where: { events[$0].kind == .wake })
    else { return nil }
    let tests = own[..<at].filter { $0 > begin && events[$0].kind == .read }
    let after = own[(at + 1)...].filter { $0 > back }.prefix { !isGivingUp($0, lock) }
      .filter { events[$0].kind.isAccess }
    let isTestedAgain = after.contains { again in
      tests.contains { evidence.sourceLine(of: $0) == evidence.sourceLine(of: again) }
    }
    guard !isTestedAgain else { return nil }
    for use in after where events[use].kind != .read {
      guard let test = tests.last(where: { overlap($0, use) }),
        let other = rival(of: use, before: back, order)
      else { continue }
      return finding(test: test, wait: wait, use: use, other: other)
    }
    return nil
  }

  private func isTaking(_ event: Int, _ lock: Int) -> Bool {
    events[event].kind == .acquire && events[event].object == lock
  }

  private func isGivingUp(_ event: Int, _ lock: Int) -> Bool {
    [.release, .wait].contains(events[event].kind) && events[event].object == lock
  }

  private func overlap(_ one: Int, _ other: Int) -> Bool {
    let (one, other) = (events[one], events[other])
    return one.object == other.object
      && (one.field == other.field || one.field < 0 || other.field < 0)
  }

  /// A change by another thread at the place of the use, which can come before the lock is back.
  private func rival(of use: Int, before back: Int, _ order: HappensBefore) -> Int? {
    let line = evidence.sourceLine(of: use)
    let others = events.indices.lazy.filter { index in
      events[index].thread != events[use].thread && events[index].kind != .read
        && overlap(index, use) && evidence.sourceLine(of: index) == line
    }
    return others.prefix(Self.mostOthers).first { order.areConcurrent($0, back) }
  }

  private func finding(test: Int, wait: Int, use: Int, other: Int) -> RecordedFinding {
    let steps = [test, wait, use, other].map(evidence.step)
    let who = evidence.name(events[use].thread)
    let rival = evidence.name(events[other].thread)
    return RecordedFinding(
      kind: .untestedWake,
      basis: .predicted,
      summary: "\(steps[0].subject): \(who) does not test it again after its wait"
        + evidence.at(steps[1].place),
      account: "Predicted from one run: \(who) tested \(steps[0].subject)"
        + "\(evidence.at(steps[0].place)), waited\(evidence.at(steps[1].place)), and when it was woken "
        + "it changed it\(evidence.at(steps[2].place)) without a second test. \(rival) does the same, "
        + "and nothing but the lock orders the two: after the wake-up and before \(who) has the lock "
        + "back \(rival) can come first.",
      steps: steps
    )
  }
}
