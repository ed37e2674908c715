public import HealingModel
import Scheduling

/// Two accesses of one place by different threads that nothing orders, in runs of which none failed.
///
/// A race in the sense of happens-before is no failure as long as no schedule shows one.
public struct UnorderedAccess: Sendable, Hashable, Comparable {
  /// What is accessed, such as `account.balance`.
  public var subject: String
  /// Where.
  public var places: [SourcePlace]

  /// Makes a pair of accesses.
  public init(subject: String, places: [SourcePlace]) {
    self.subject = subject
    self.places = places
  }

  /// In the order of their places, so that reports do not depend on that of the runs.
  public static func < (lhs: UnorderedAccess, rhs: UnorderedAccess) -> Bool {
    let (one, other) = (lhs.places.map(\.text), rhs.places.map(\.text))
    return one == other ? lhs.subject < rhs.subject : one.lexicographicallyPrecedes(other)
  }
}

extension Execution {
  /// The accesses that nothing orders in this run.
  var unorderedAccesses: [UnorderedAccess] { unorderedAccesses { _ in true } }

  /// Those of them of which one is no operation that reads and writes at once, such as to append:
  /// such ones do not tear each other.
  var tornAccesses: [UnorderedAccess] { unorderedAccesses { $0 != .touch } }

  private func unorderedAccesses(
    oneOf isMeant: (RowKind) -> Bool
  ) -> [UnorderedAccess] {
    let explanation = Explanation(of: FailedRun(execution: self))
    let races = explanation.races.filter { $0.rows.contains { isMeant(explanation.rows[$0].kind) } }
    return races.map { race in
      UnorderedAccess(
        subject: race.subject,
        places: race.rows.map { explanation.rows[$0].place }.sorted { $0.text < $1.text }
      )
    }
  }
}
