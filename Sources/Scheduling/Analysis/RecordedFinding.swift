public import HealingModel

/// Something that one recorded run shows, or lets predict of other runs.
public struct RecordedFinding: Sendable, Hashable {
  /// What it is.
  public var kind: Kind
  /// Whether it happened in the run, or is predicted from it.
  public var basis: Basis
  /// Whether it is likely a bug.
  public var weight: Weight
  /// What is wrong, in a line.
  public var summary: String
  /// What stands against each other, what orders it and what does not, in plain sentences.
  public var account: String
  /// The steps that it is about, in the order of the run.
  public var steps: [Step]

  /// The kinds of findings.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// Two accesses of one place by different threads, one of them a write, that nothing orders.
    case dataRace = "data-race"
    /// What a thread leaves behind is read by the one that started it, which did not await its end.
    case unjoinedResult = "unjoined-result"
    /// Threads take locks in a circle of orders.
    case lockOrder = "lock-order-cycle"
    /// A thread that was woken does not look again at what it waited for.
    case untestedWake = "wake-without-test"
    /// A thread ended and holds a lock.
    case lockHeld = "lock-held-at-end"
    /// Threads wait for what nobody can bring about.
    case endlessWait = "endless-wait"
    /// The run failed otherwise: an exception, a status, an output.
    case failure

    /// The kind in words.
    public var title: String {
      switch self {
      case .dataRace: "data race"
      case .unjoinedResult: "result of a thread that was not awaited"
      case .lockOrder: "locks taken in a circle"
      case .untestedWake: "woken without a second test"
      case .lockHeld: "lock held by a thread that ended"
      case .endlessWait: "wait that nobody can end"
      case .failure: "failure"
      }
    }
  }

  /// How a finding is known.
  public enum Basis: String, Sendable, Hashable {
    /// It happened.
    case observed
    /// It did not happen; the order that the run shows lets it happen in another run.
    case predicted
  }

  /// How likely a finding is a bug.
  public enum Weight: String, Sendable, Hashable {
    /// Another order of the steps can change what the program does.
    case alarm
    /// Nothing orders the steps, in a form that is mostly meant so.
    case note
  }

  /// A step of a thread.
  public struct Step: Sendable, Hashable {
    /// The thread's number.
    public var thread: Int
    /// What it did.
    public var kind: RowKind
    /// To what.
    public var subject: String
    /// Where.
    public var place: SourcePlace
    /// The names of the locks that it held.
    public var holds: [String]
    /// Microseconds since the start of the run, where the step was recorded.
    public var time: Int?

    /// Makes a step.
    public init(
      thread: Int,
      kind: RowKind,
      subject: String,
      place: SourcePlace,
      holds: [String] = [],
      time: Int? = nil
    ) {
      self.thread = thread
      self.kind = kind
      self.subject = subject
      self.place = place
      self.holds = holds
      self.time = time
    }
  }

  /// Makes a finding.
  public init(
    kind: Kind,
    basis: Basis,
    weight: Weight = .alarm,
    summary: String,
    account: String,
    steps: [Step] = []
  ) {
    self.kind = kind
    self.basis = basis
    self.weight = weight
    self.summary = summary
    self.account = account
    self.steps = steps
  }
}
