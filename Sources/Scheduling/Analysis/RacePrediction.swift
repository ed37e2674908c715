import HealingModel

/// Accesses of a recorded run that nothing orders, sorted by what another order could change.
///
/// A write that overwrites without having read, and single operations of containers, give some
/// order of the operations in any case; so do reads that are made again under the lock, and a loop
/// that waits for a flag which one thread sets. They are told as notes.
struct RacePrediction {
  private let evidence: RecordedEvidence
  private let order: HappensBefore
  private let races: [DataRace]
  /// The accesses of each field, in the order of the run.
  private let accesses: [Field: [Int]]
  /// Lines of reads after which their thread read the same again in order with the writes.
  private let rechecked: Set<SourcePlace>

  private struct Field: Hashable {
    var object: Int
    var field: Int
  }

  init(_ evidence: RecordedEvidence) {
    self.evidence = evidence
    order = HappensBefore(evidence.trace)
    races = evidence.trace.dataRaces
    var accesses: [Field: [Int]] = [:]
    let racing = Set(races.map { evidence.trace.events[$0.second].object })
    for (index, event) in evidence.trace.events.enumerated()
    where event.kind.isAccess && racing.contains(event.object) {
      accesses[Field(object: event.object, field: event.field), default: []].append(index)
    }
    self.accesses = accesses
    rechecked = Self.rechecked(races, accesses, order, evidence)
  }

  /// One finding for the races of one field, or at the same lines.
  var findings: [RecordedFinding] {
    var byField: [Field: [DataRace]] = [:]
    var fields: [Field] = []
    for race in races {
      let event = evidence.trace.events[race.second]
      let field = Field(object: event.object, field: event.field)
      if byField[field] == nil { fields.append(field) }
      byField[field, default: []].append(race)
    }
    var seen: Set<[SourcePlace]> = []
    return fields.compactMap { field in
      let all = byField[field] ?? []
      let worst = all.first { weight($0) == .alarm } ?? all[0]
      guard seen.insert(lines(worst)).inserted else { return nil }
      return finding(worst)
    }
  }

  private func lines(_ race: DataRace) -> [SourcePlace] {
    [race.first, race.second].map(evidence.sourceLine)
      .sorted { ($0.path, $0.line) < ($1.path, $1.line) }
  }

  // MARK: What another order could change

  private func weight(_ race: DataRace) -> RecordedFinding.Weight {
    let both = [race.first, race.second]
    guard let read = both.first(where: { kind($0) == .read }),
      let write = both.first(where: { kind($0) != .read })
    else { return .note }
    let isHarmless = rechecked.contains(evidence.sourceLine(of: read)) || isPolled(read, write)
    return isHarmless ? .note : .alarm
  }

  private func kind(_ event: Int) -> TraceEventKind { evidence.trace.events[event].kind }

  /// Whether a loop reads until it finds what one other thread alone writes, without reading it.
  private func isPolled(_ read: Int, _ write: Int) -> Bool {
    let (reading, writing) = (evidence.trace.events[read], evidence.trace.events[write])
    let text = evidence.line(evidence.trace.place(of: reading)) ?? ""
    guard text.drop(while: { $0 == " " || $0 == "\t" }).hasPrefix("while ") else { return false }
    let all = accesses[Field(object: reading.object, field: reading.field)] ?? []
    return all.allSatisfy { index in
      let event = evidence.trace.events[index]
      return event.thread == writing.thread ? event.kind == .write : event.kind == .read
    }
  }

  /// Any read at a line counts: one that found the value there did not have to look again.
  private static func rechecked(
    _ races: [DataRace],
    _ accesses: [Field: [Int]],
    _ order: HappensBefore,
    _ evidence: RecordedEvidence
  ) -> Set<SourcePlace> {
    var (found, examined): (Set<SourcePlace>, Set<SourcePlace>) = ([], [])
    let events = evidence.trace.events
    for race in races {
      let pair = [race.first, race.second]
      guard let read = pair.first(where: { events[$0].kind == .read }),
        case let line = evidence.sourceLine(of: read), examined.insert(line).inserted,
        let all = accesses[Field(object: events[read].object, field: events[read].field)]
      else { continue }
      let there = all.indices.filter { evidence.sourceLine(of: all[$0]) == line }
      let isRechecked = there.prefix(mostReads).contains { position in
        let index = all[position]
        let next = all[(position + 1)...].first { events[$0].thread == events[index].thread }
        guard let next, events[next].kind == .read else { return false }
        return evidence.held(at: index).isEmpty && !evidence.held(at: next).isEmpty
          && !all.contains { events[$0].kind != .read && order.areConcurrent($0, next) }
      }
      if isRechecked { found.insert(line) }
    }
    return found
  }

  /// How many reads at one line are looked at.
  private static let mostReads = 50

  // MARK: Words

  private func finding(_ race: DataRace) -> RecordedFinding {
    let steps = [evidence.step(race.first), evidence.step(race.second)]
    let weight = weight(race)
    let unjoined = weight == .alarm ? unjoined(race) : nil
    let subject = steps[1].subject
    let who = steps.map { step in
      "\(evidence.name(step.thread)) \(verb(step.kind)) it\(evidence.at(step.place))"
    }
    return RecordedFinding(
      kind: unjoined == nil ? .dataRace : .unjoinedResult,
      basis: .predicted,
      weight: weight,
      summary: "\(subject): \(who.joined(separator: ", "))",
      account: "Predicted from one run: nothing orders these two. \(locks(steps)) "
        + (unjoined ?? "No start, join, lock, wake-up, event or queue comes between them.")
        + (weight == .alarm
          ? " In another run they come the other way round, or between steps of the other."
          : " In this form it is mostly meant so."),
      steps: steps
    )
  }

  private func verb(_ kind: RowKind) -> String {
    switch kind {
    case .read: "reads"
    case .write: "writes"
    default: "updates"
    }
  }

  private func locks(_ steps: [RecordedFinding.Step]) -> String {
    let held = steps.filter { !$0.holds.isEmpty }
    guard !held.isEmpty else { return "No lock is held at either." }
    let parts = steps.map { step in
      let holds = step.holds.isEmpty ? "none" : step.holds.joined(separator: ", ")
      return "\(evidence.name(step.thread)) holds \(holds)"
    }
    return "No lock is held at both: \(parts.joined(separator: ", "))."
  }

  /// What is said of a read of what a thread wrote by the one that started it and did not await it.
  private func unjoined(_ race: DataRace) -> String? {
    let events = evidence.trace.events
    let isRead = events[race.first].kind == .read
    let (read, write) = isRead ? (race.first, race.second) : (race.second, race.first)
    let (reader, writer) = (events[read].thread, events[write].thread)
    guard events[read].kind == .read,
      let begin = events.firstIndex(where: { $0.kind == .start && $0.thread == writer })
    else { return nil }
    let object = events[begin].object
    guard let spawn = events[..<begin].last(where: { $0.kind == .spawn && $0.object == object }),
      spawn.thread == reader
    else { return nil }
    let join = events[read...].first { $0.kind == .join && $0.object == object }
    let started =
      "\(evidence.name(reader)) started \(evidence.name(writer))"
      + evidence.at(evidence.trace.place(of: spawn))
    guard let join else { return "\(started) and never awaits its end." }
    return "\(started) and awaits its end only after the read"
      + evidence.at(evidence.trace.place(of: join)) + "."
  }
}
