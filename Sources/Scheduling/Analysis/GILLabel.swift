public import HealingModel

/// Whether an interpreter with a global lock can produce an interleaving (never that it cannot).
public enum GILLabel: Sendable, Hashable {
  /// The unrewritten program failed alike when its threads were paused at the switches alone.
  case shown
  /// Every switch can happen there.
  case possible
  /// Some switch is at a place where, by our model of that version, none happens.
  case notByModel(InterpreterVersion)
  /// Some switch lies within code whose bytecode would have to be looked at.
  case unknown

  /// The label in words.
  public var words: String {
    switch self {
    case .shown: "shown by the program as it is, its threads paused at these switches alone"
    case .possible: "possible"
    case .notByModel(let version): "not by our model of CPython \(version)"
    case .unknown: "not known: the bytecode at the switches was not examined"
    }
  }

  /// The label of several switches that are all needed.
  static func all(_ labels: [GILLabel]) -> GILLabel {
    labels.first { if case .notByModel = $0 { true } else { false } }
      ?? labels.first { $0 == .unknown } ?? .possible
  }
}

/// Where an interpreter lets go of its global lock, as far as events tell.
enum GILModel {
  /// The label of a switch.
  ///
  /// - Parameters:
  ///   - preemption: The switch.
  ///   - version: The interpreter's version.
  ///   - answers: What the bytecode between events says, where it was examined.
  /// - Returns: The label.
  static func label(
    _ preemption: Preemption,
    version: InterpreterVersion?,
    answers: [Interruption: Bool]
  ) -> GILLabel {
    // Whoever waits for a lock gives way, and has the lock before its turn comes again.
    guard !preemption.hadWaited || version == nil else { return .possible }
    return label(
      preemption.forced.after.kind,
      preemption.forced.before?.kind,
      version: version,
      canInterrupt: preemption.interruption.flatMap { answers[$0] }
    )
  }

  /// Up to this version it looks for other threads before most instructions; since then only at
  /// calls, entries of functions and backward jumps.
  static let lastBetweenInstructions = InterpreterVersion(3, 9)

  /// Whether a thread can be interrupted between two of its events that follow each other.
  ///
  /// - Parameters:
  ///   - last: The event after which it was interrupted.
  ///   - next: The one with which it went on; nil when it did not.
  ///   - version: The interpreter's version.
  ///   - canInterrupt: What the bytecode between them says, where it was examined.
  /// - Returns: The label.
  static func label(
    _ last: TraceEventKind,
    _ next: TraceEventKind?,
    version: InterpreterVersion?,
    canInterrupt: Bool?
  ) -> GILLabel {
    guard let version else { return .unknown }
    if version <= lastBetweenInstructions || endsInCall(last) || next.map(beginsInCall) == true {
      return .possible
    }
    return canInterrupt.map { $0 ? .possible : .notByModel(version) } ?? .unknown
  }

  /// Whether the event ends with a call, after which the interpreter looks for other threads.
  ///
  /// The beginning of a `with` statement is none, so a lock may be taken without one.
  private static func endsInCall(_ kind: TraceEventKind) -> Bool {
    switch kind {
    case .read, .write, .touch, .yield, .acquire, .try: false
    case .start, .end, .spawn, .join, .release, .wait, .wake, .notify, .sleep, .timeout, .output:
      true
    }
  }

  /// Whether the event begins with a look for other threads.
  ///
  /// That is so at the entry of a function of the interpreted language, and in a wait.
  private static func beginsInCall(_ kind: TraceEventKind) -> Bool {
    switch kind {
    case .read, .write, .touch, .yield, .acquire, .release, .try, .output: false
    case .start, .end, .spawn, .join, .wait, .wake, .notify, .sleep, .timeout: true
    }
  }
}

extension Execution {
  /// Whether an interpreter's global lock can produce the run: all its switches count.
  ///
  /// - Parameters:
  ///   - version: The interpreter's version.
  ///   - answers: What the bytecode between events says, where it was examined.
  /// - Returns: The label.
  public func gilLabel(
    version: InterpreterVersion?,
    answers: [Interruption: Bool]
  ) -> GILLabel {
    .all(preemptions.map { GILModel.label($0, version: version, answers: answers) })
  }
}
