public import HealingModel

/// How an execution goes wrong; equal values are the same failure, whatever schedule shows it.
///
/// Thread numbers and values are left out: which of two like threads fails, and with which lost
/// number, depends on the schedule alone.
public enum ScheduleFailure: Sendable, Hashable {
  /// Threads wait for each other in a circle, at these places, in their order.
  case deadlock(places: [SourcePlace])
  /// Threads wait for what nobody can bring about any more, at these places, in their order.
  case hang(places: [SourcePlace])
  /// An exception of this type ended a thread, raised at this place.
  case exception(type: String, place: SourcePlace)
  /// The program ended with this status, and no exception says why.
  case exit(status: Int)
  /// Locks of these names were held by threads that had ended.
  case leak(locks: [String])
  /// What was written to standard output is not what was expected.
  case output

  /// How an execution goes wrong; nil when it does not, or when it was ended before that could be
  /// said.
  ///
  /// The gravest failure counts: one that ends the program before one that shows in its result.
  ///
  /// - Parameters:
  ///   - execution: The execution.
  ///   - output: What it has to write to standard output, white space at the ends of lines aside;
  ///     nil for anything.
  public init?(_ execution: Execution, expecting output: String?) {
    switch execution.end {
    case .cut, .divergence, .limit: return nil
    case .deadlock:
      self = .deadlock(
        places: Self.places(execution.blocked.filter { execution.cycle.contains($0.thread) })
      )
      return
    case .hang:
      self = .hang(places: Self.places(execution.blocked))
      return
    case .completed: break
    }
    if let first = execution.exceptions.first {
      self = .exception(type: first.exception.type, place: Self.place(of: first.exception))
    } else if execution.exitStatus != 0 {
      self = .exit(status: execution.exitStatus)
    } else if !execution.leaks.isEmpty {
      self = .leak(locks: Array(Set(execution.leaks.map(\.lock))).sorted())
    } else if let output, Self.trimmed(output) != Self.trimmed(execution.output) {
      self = .output
    } else {
      return nil
    }
  }

  /// Whether a run of the unrewritten program fails in the same way.
  ///
  /// - Parameters:
  ///   - run: The run.
  ///   - output: What it has to write to standard output; nil for anything.
  /// - Returns: Whether it does; what such a run cannot tell, such as a lock that was kept, does not.
  public func isShown(by run: ForcedRun, expecting output: String?) -> Bool {
    switch self {
    case .deadlock(let places), .hang(let places):
      let waiting = Set(run.waiting.map { "\($0.path):\($0.line)" })
      return run.isFinished == false && !places.isEmpty
        && places.allSatisfy { waiting.contains("\($0.path):\($0.line)") }
    case .exception(let type, let place):
      return run.exceptions.contains { $0.type == type && Self.place(of: $0) == place }
    case .exit(let status):
      return run.isFinished == true && run.exceptions.isEmpty && run.exitStatus == status
    case .leak: return false
    case .output:
      guard let output, run.isFinished == true, run.exceptions.isEmpty else { return false }
      return run.exitStatus == 0 && Self.trimmed(output) != Self.trimmed(run.output)
    }
  }

  private static func places(_ blocked: [BlockedThread]) -> [SourcePlace] {
    Array(Set(blocked.map(\.place))).sorted {
      ($0.path, $0.line, $0.column) < ($1.path, $1.line, $1.column)
    }
  }

  private static func place(of exception: ObservedException) -> SourcePlace {
    exception.frames.last.map { SourcePlace(path: $0.path, line: $0.line) } ?? SourcePlace()
  }

  /// The lines without white space at their ends, and without empty ones at the end.
  private static func trimmed(_ text: String) -> [Substring] {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.lastIndex { !$0.isWhitespace }.map { line[...$0] } ?? ""
    }
    while lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }
}
