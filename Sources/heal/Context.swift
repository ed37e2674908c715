/// The world around a command; tests make their own.
struct Context: Sendable {
  /// Makes the parts that do the work; called when a command needs them.
  var ports: @Sendable (Context) -> Ports
  /// The command as the user gave it.
  var commandLine: [String]
  /// The environment variables.
  var environment: [String: String]
  /// The folder in which the user stands, symbolic links resolved.
  var folder: String
  /// The user's home folder.
  var home: String?
  /// The number of cores.
  var cores: Int
  /// What the user sees and answers.
  var console: Console
  /// Records standard input.
  var input: @Sendable () throws(CommandError) -> RecordedInput
  /// Seconds since the tool started.
  var now: @Sendable () -> Double
  /// CPU seconds that the tool itself has used, its children left out.
  var cpu: @Sendable () -> Double = { 0 }
  /// What must still be stored when the user ends the tool and the loop does not come back.
  var interruption: Interruption
}

/// What the user sees and answers.
struct Console: Sendable {
  /// Writes data to standard output.
  var out: @Sendable (String) -> Void
  /// Writes words about the work to standard error.
  var err: @Sendable (String) -> Void
  /// How standard output is coloured.
  var style: Style
  /// The screen behind standard error; nil when it is none.
  var screen: Screen?
  /// Asks a question on the terminal; nil when there is nobody to ask.
  var ask: @Sendable (_ question: String) -> Bool?
}
