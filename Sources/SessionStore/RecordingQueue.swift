import Healing
import HealingModel

/// What has been recorded and not yet written.
struct RecordingQueue: Sendable {
  /// One event with its place in the session.
  struct Item: Sendable {
    var sequence: Int
    var attempt: Int
    var at: Double
    var event: HealingEvent
  }

  /// What is counted.
  struct Kind: Hashable, Sendable {
    var kind: String
    var verdict: String
  }

  private(set) var items: [Item] = []
  private(set) var tallies: [Kind: Int] = [:]
  private(set) var omitted = 0

  var isEmpty: Bool { items.isEmpty && tallies.isEmpty && omitted == 0 }

  mutating func append(_ item: Item) {
    if items.count < SessionRecording.capacity { items.append(item) } else { omitted += 1 }
  }

  mutating func count(_ count: Int, kind: String, verdict: String) {
    tallies[Kind(kind: kind, verdict: verdict), default: 0] += count
  }

  /// Puts what could not be written before what has come since.
  mutating func putBack(_ older: RecordingQueue) {
    let room = max(SessionRecording.capacity - older.items.count, 0)
    omitted += older.omitted + max(items.count - room, 0)
    items = older.items + items.prefix(room)
    tallies.merge(older.tallies, uniquingKeysWith: +)
  }
}
