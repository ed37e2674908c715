import ArgumentParser

/// A command: it parses, builds its ports, calls one function and prints.
protocol HealCommand: AsyncParsableCommand {
  /// Whether it answers with JSON, so that its errors do too.
  var answersJSON: Bool { get }

  /// Does its work.
  ///
  /// - Parameter context: The world around it.
  /// - Returns: The status with which the tool ends.
  /// - Throws: What `CommandError` takes; the caller words it for the user.
  func execute(in context: Context) async throws -> ExitStatus

  /// What a failure looks like as JSON.
  func failure(_ error: CommandError) -> JSON
}

extension HealCommand {
  /// The command as the library runs it; the tool itself calls ``execute(in:)``.
  func run() async throws {
    throw ExitCode(await perform(in: .live(now: secondsSinceStart(), interruption: Interruption())))
  }

  /// Does the work and words its errors.
  func perform(in context: Context) async -> Int32 {
    do {
      return try await execute(in: context).rawValue
    } catch {
      let error = CommandError(error)
      if answersJSON { context.console.out("\(failure(error))\n") }
      context.console.err("heal: \(printable(error.description))\n")
      return error.exitStatus.rawValue
    }
  }

  func failure(_ error: CommandError) -> JSON { ["schema": 1, "error": error.json] }
}
