import HealingModel

/// Circles of lock orders in a recorded run, told so that both sides of each can be looked up.
struct LockOrderPrediction {
  private let evidence: RecordedEvidence

  /// How many circles are looked for; many threads at the same places make many like ones.
  private static let most = 200

  init(_ evidence: RecordedEvidence) { self.evidence = evidence }

  /// One finding for the circles at the same places.
  var findings: [RecordedFinding] {
    var seen: Set<Set<Part>> = []
    var found: [RecordedFinding] = []
    for circle in evidence.trace.potentialDeadlocks(limit: Self.most)
    where seen.insert(Set(circle.links.map(part))).inserted {
      found.append(finding(circle))
    }
    return found
  }

  private struct Part: Hashable {
    var held: String
    var wanted: String
    var line: SourcePlace
  }

  private func part(_ link: PotentialDeadlock.Link) -> Part {
    Part(
      held: evidence.name(ofLock: evidence.trace.events[link.held].object),
      wanted: evidence.name(ofLock: evidence.trace.events[link.wanted].object),
      line: evidence.sourceLine(of: link.wanted)
    )
  }

  private func finding(_ circle: PotentialDeadlock) -> RecordedFinding {
    let sides = circle.links.map { link in
      let (held, wanted) = (evidence.trace.events[link.held], evidence.trace.events[link.wanted])
      return "\(evidence.name(link.thread)) took \(evidence.name(ofLock: wanted.object))"
        + evidence.at(evidence.trace.place(of: wanted))
        + " while it held \(evidence.name(ofLock: held.object)), taken"
        + evidence.at(evidence.trace.place(of: held))
    }
    let locks = circle.links.map { evidence.name(ofLock: evidence.trace.events[$0.held].object) }
    let who = circle.links.map { evidence.name($0.thread) }
    return RecordedFinding(
      kind: .lockOrder,
      basis: .predicted,
      summary: "deadlock of \(who.joined(separator: ", ")) over \(locks.joined(separator: ", "))",
      account: "Predicted from one run, in which nobody blocked: \(sides.joined(separator: "; ")). "
        + "No lock is held around all of this, and no start, join or wake-up keeps the threads "
        + "apart, so each can hold what the next one wants.",
      steps: circle.links.flatMap { [evidence.step($0.held), evidence.step($0.wanted)] }
    )
  }
}
