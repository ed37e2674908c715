/// What the tool tells its caller when it ends; scripts depend on these numbers.
enum ExitStatus: Int32, Sendable, CaseIterable {
  /// The program is healthy, or healed and written; nothing was found.
  case fine = 0
  /// Not healed; something was found; a request was refused.
  case notHealed = 1
  /// The command line or a file that it names makes no sense.
  case usage = 2
  /// The environment lacks something.
  case environment = 3
  /// A fault of ours.
  case fault = 4
  /// A verified repair exists and was not written.
  case notWritten = 5
  /// The user ended it.
  case interrupted = 130
}
