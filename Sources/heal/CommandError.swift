import Healing

/// Why a command could not do its work.
enum CommandError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The command line, a setting or a named file makes no sense.
  case usage(String)
  /// Something that is needed is not there; `remedy` says how to get it.
  case environment(message: String, remedy: String)
  /// The request was understood and is not granted, such as an undo over a changed file.
  case refused(String)
  /// Our own parts failed.
  case fault(String)
  /// The user ended it.
  case interrupted

  /// The command's view of any error that reached it.
  init(_ error: any Error) {
    switch error {
    case let error as CommandError: self = error
    case let error as AdapterError: self.init(adapter: error)
    case is CancellationError: self = .interrupted
    default: self = .fault("\(error)")
    }
  }

  private init(adapter error: AdapterError) {
    switch error {
    case .environment(let message, let remedy):
      self = .environment(message: message, remedy: remedy)
    case .usage(let message): self = .usage(message)
    case .fault(let message): self = .fault(message)
    }
  }

  /// The status with which the tool ends.
  var exitStatus: ExitStatus {
    switch self {
    case .usage: .usage
    case .environment: .environment
    case .refused: .notHealed
    case .fault: .fault
    case .interrupted: .interrupted
    }
  }

  /// Its name in JSON.
  var kind: String {
    switch self {
    case .usage: "usage"
    case .environment: "environment"
    case .refused: "refused"
    case .fault: "fault"
    case .interrupted: "interrupted"
    }
  }

  /// What happened.
  var message: String {
    switch self {
    case .usage(let message), .refused(let message), .fault(let message): message
    case .environment(let message, _): message
    case .interrupted: "interrupted"
    }
  }

  /// What to do about it, when something can be done.
  var remedy: String? {
    switch self {
    case .environment(_, let remedy): remedy
    case .fault:
      "this is a fault of heal: please report it with the command line and the output of "
        + "`heal --version` and `heal show last`"
    case .usage, .refused, .interrupted: nil
    }
  }

  /// What happened and what to do, in one sentence.
  var description: String { remedy.map { "\(message); \($0)" } ?? message }
}
