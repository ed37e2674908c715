import ArgumentParser
import Foundation

/// The version; CHANGELOG.md tells what is in it.
let version = "0.1.0"

/// The tool.
struct Heal: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "heal",
    abstract: "Heals programs: finds out why one fails, repairs it, and shows the evidence.",
    discussion: """
      Exit status: 0 healthy, or healed and written; 5 a verified repair exists and was not \
      written; 1 not healed, or something was found; 2 usage; 3 the environment lacks something; \
      4 a fault of heal; 130 interrupted.
      """,
    version: "heal \(version)",
    subcommands: [
      RunCommand.self, TestCommand.self, DiagnoseCommand.self, TraceCommand.self, LogCommand.self,
      ShowCommand.self,
      ApplyCommand.self, UndoCommand.self, VerifyCommand.self, DemoCommand.self, ModelCommand.self,
      BankCommand.self,
      BenchCommand.self, ExportCommand.self,
    ]
  )
}

extension Heal {
  /// The command that a command line asks for.
  ///
  /// - Parameter commandLine: The arguments, without the tool's own name.
  /// - Returns: The command.
  /// - Throws: What the parser says.
  static func parse(commandLine: [String]) throws -> any ParsableCommand {
    guard commandLine.first == "test", let split = commandLine.firstIndex(of: "--") else {
      return try parseAsRoot(commandLine)
    }
    let arguments = commandLine[(split + 1)...].map { "--\(TestCommand.runnerOption)=\($0)" }
    return try parseAsRoot(commandLine[..<split] + arguments)
  }
}

/// Where the process begins.
@main
struct Main {
  static func main() async {
    Interruption.holdSignals()
    let now = secondsSinceStart()
    let arguments = Array(CommandLine.arguments.dropFirst())
    let interruption = Interruption()
    let work = Task {
      await perform(arguments, in: .live(now: now, interruption: interruption))
    }
    interruption.install { work.cancel() }
    exit(await work.value)
  }

  /// Does what a command line asks for, and gives the status with which the process ends.
  static func perform(_ arguments: [String], in context: Context) async -> Int32 {
    do {
      var command = try Heal.parse(commandLine: arguments)
      if let command = command as? any HealCommand { return await command.perform(in: context) }
      try command.run()
      return ExitStatus.fine.rawValue
    } catch {
      return report(error, for: arguments, in: context)
    }
  }

  /// Words what the parser says; a wrong command line has the status 2, not the library's 64.
  static func report(_ error: any Error, for arguments: [String], in context: Context) -> Int32 {
    let message = Heal.fullMessage(for: error)
    guard Heal.exitCode(for: error) != .success else {
      context.console.out(message + "\n")
      return ExitStatus.fine.rawValue
    }
    if arguments.contains("--json"), ["run", "test"].contains(arguments.first) {
      let failure = HealingOutcome(error: .usage(Heal.message(for: error)))
      context.console.out("\(failure.json)\n")
    }
    context.console.err(message + "\n")
    return ExitStatus.usage.rawValue
  }
}

/// A clock that tells the seconds since now.
func secondsSinceStart() -> @Sendable () -> Double {
  let start = ContinuousClock.now
  return {
    let (seconds, attoseconds) = (ContinuousClock.now - start).components
    return Double(seconds) + Double(attoseconds) / 1e18
  }
}
