public import HealingModel

/// Two accesses of one thread and one of another between them that no serial order explains.
///
/// The patterns are those of AVIO (Lu, Tucek, Qin and Zhou 2006).
public struct AtomicityViolation: Sendable, Hashable {
  /// Which accesses they are: read or write, by the one, the other, and again the one thread.
  public enum Pattern: String, Sendable, Hashable, CaseIterable {
    /// The two reads find different values.
    case readWriteRead = "R-W-R"
    /// The thread reads another value than it wrote.
    case writeWriteRead = "W-W-R"
    /// The thread overwrites what it has not seen.
    case readWriteWrite = "R-W-W"
    /// The other thread reads what was not to be seen yet.
    case writeReadWrite = "W-R-W"
  }

  /// Which accesses they are.
  public var pattern: Pattern
  /// The first access of the one thread, as an event's number.
  public var first: Int
  /// The access of the other thread.
  public var between: Int
  /// The second access of the one thread.
  public var second: Int

  /// Makes a violation.
  public init(pattern: Pattern, first: Int, between: Int, second: Int) {
    self.pattern = pattern
    self.first = first
    self.between = between
    self.second = second
  }
}

extension ExecutionTrace {
  /// The interleavings of this run that no serial order explains, in the order of their ends, one
  /// for each three places.
  ///
  /// Whether the author meant the two accesses to be one operation is not known here: many are
  /// harmless.
  public var atomicityViolations: [AtomicityViolation] {
    let roles = ObjectRoles(self)
    var found: [AtomicityViolation] = []
    var seen: Set<[Int]> = []
    var accesses: [Int: [Int]] = [:]
    for (index, event) in events.enumerated()
    where event.kind.isAccess && !roles.synchronizes(event.object) {
      if let one = violation(endingAt: index, among: accesses[event.object] ?? []) {
        let places = [
          event.object, event.field, events[one.first].place,
          events[one.between].place, event.place,
        ]
        if seen.insert(places).inserted { found.append(one) }
      }
      accesses[event.object, default: []].append(index)
    }
    return found
  }

  /// Looks back from an access to the same thread's one before.
  private func violation(endingAt second: Int, among accesses: [Int]) -> AtomicityViolation? {
    var remote: [Int] = []
    for index in accesses.reversed() where overlap(index, second) {
      guard events[index].thread == events[second].thread else {
        remote.append(index)
        continue
      }
      for between in remote where overlap(between, index) {
        if let pattern = pattern(index, between, second) {
          return AtomicityViolation(
            pattern: pattern,
            first: index,
            between: between,
            second: second
          )
        }
      }
      return nil
    }
    return nil
  }

  private func overlap(_ one: Int, _ other: Int) -> Bool {
    let (first, second) = (events[one].field, events[other].field)
    return first == second || first < 0 || second < 0
  }

  /// What reads and writes at once counts as a write first, and as a read after the other's.
  private func pattern(_ first: Int, _ between: Int, _ second: Int) -> AtomicityViolation.Pattern? {
    let firstReads = events[first].kind == .read
    let betweenReads = events[between].kind == .read
    let secondReads = events[second].kind != .write
    return switch (firstReads, betweenReads, secondReads) {
    case (true, false, true): .readWriteRead
    case (false, false, true): .writeWriteRead
    case (true, false, false): .readWriteWrite
    case (false, true, false): .writeReadWrite
    default: nil
    }
  }
}
