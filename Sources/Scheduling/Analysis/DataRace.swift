public import HealingModel

/// Two accesses of one place by different threads, one of them a write, that nothing orders.
public struct DataRace: Sendable, Hashable {
  /// The number of the access that came first in this run.
  public var first: Int
  /// The number of the other one.
  public var second: Int

  /// Makes a race.
  public init(first: Int, second: Int) {
    self.first = first
    self.second = second
  }
}

extension ExecutionTrace {
  /// The data races of this run, one for each pair of places in the source and each field.
  ///
  /// An access is compared with the last write and the reads since then, held as epochs
  /// (FastTrack, Flanagan and Freund 2009). Accesses of events and queues of the library, and of
  /// threads and locks, order threads and are no races.
  public var dataRaces: [DataRace] {
    let roles = ObjectRoles(self)
    var clocks = ThreadClocks(roles: roles)
    var detector = RaceDetector()
    for (index, event) in events.enumerated() {
      _ = clocks.advance(event, at: index)
      if event.kind.isAccess, !roles.synchronizes(event.object) {
        detector.access(event, at: index, clock: clocks.clocks[event.thread])
      }
    }
    return detector.races
  }
}

/// What is known of the accesses so far.
private struct RaceDetector {
  private struct Access {
    var event: Int
    var place: Int
    var epoch: Epoch
  }

  private struct Field {
    var write: Access?
    var reads: [Int: Access] = [:]
  }

  private struct Pair: Hashable {
    var object: Int
    var field: Int
    var places: [Int]
    var isWrite: [Bool]
  }

  private(set) var races: [DataRace] = []
  private var objects: [Int: [Int: Field]] = [:]
  private var latest: [Int: [Int: Epoch]] = [:]
  private var seen: Set<Pair> = []

  mutating func access(_ event: TraceEvent, at index: Int, clock: VectorClock) {
    let epoch = Epoch(thread: event.thread, count: clock[event.thread])
    let access = Access(event: index, place: event.place, epoch: epoch)
    if !isOrdered(event, clock) {
      for field in fields(that: event) { compare(access, event, with: field, clock) }
    }
    latest[event.object, default: [:]][event.thread] = epoch
    if event.kind == .read {
      objects[event.object, default: [:]][event.field, default: Field()].reads[event.thread] =
        access
    } else {
      objects[event.object, default: [:]][event.field] = Field(write: access)
    }
  }

  /// Whether every access of the object by others comes before: then no field has to be looked at,
  /// of which a container can have many.
  private func isOrdered(_ event: TraceEvent, _ clock: VectorClock) -> Bool {
    (latest[event.object] ?? [:]).allSatisfy { $0.key == event.thread || clock.covers($0.value) }
  }

  /// All of an object overlaps each of its fields.
  private func fields(that event: TraceEvent) -> [Field] {
    guard let known = objects[event.object] else { return [] }
    if event.field < 0 { return known.sorted { $0.key < $1.key }.map(\.value) }
    return [known[event.field], known[-1]].compactMap(\.self)
  }

  private mutating func compare(
    _ access: Access,
    _ event: TraceEvent,
    with field: Field,
    _ clock: VectorClock
  ) {
    if let write = field.write { note(write, isWrite: true, access, event, clock) }
    guard event.kind != .read else { return }
    for (_, read) in field.reads.sorted(by: { $0.value.event < $1.value.event }) {
      note(read, isWrite: false, access, event, clock)
    }
  }

  private mutating func note(
    _ before: Access,
    isWrite: Bool,
    _ access: Access,
    _ event: TraceEvent,
    _ clock: VectorClock
  ) {
    guard before.epoch.thread != event.thread, !clock.covers(before.epoch) else { return }
    let pair = Pair(
      object: event.object,
      field: event.field,
      places: [before.place, access.place].sorted(),
      isWrite: [isWrite, event.kind != .read]
    )
    if seen.insert(pair).inserted {
      races.append(DataRace(first: before.event, second: access.event))
    }
  }
}
