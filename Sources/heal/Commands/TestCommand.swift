import ArgumentParser
import HealingModel

/// `heal test`: runs a project's tests; when they fail, heals the project.
struct TestCommand: HealCommand {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract: "Run a project's tests; when they fail, heal the project.",
    usage: "heal test [<options>] [<path> ...] [-- <pytest-args> ...]",
    discussion: "PATH is a file, a folder or a node such as tests/test_a.py::test_b."
  )

  @OptionGroup var healing: HealingOptions
  @OptionGroup var programOptions: ProgramOptions

  @Option(
    help: ArgumentHelp(
      "Judge by this command line instead: status 0 passes.",
      valueName: "line"
    )
  )
  var command: String?

  @Argument(help: ArgumentHelp("What to test (default: the folder).", valueName: "path"))
  var targets: [String] = []

  /// What stands after `--`; `Heal.parse` brings it here, since the parser allows one list only.
  @Option(name: .customLong(TestCommand.runnerOption), parsing: .singleValue, help: .hidden)
  var arguments: [String] = []

  /// The name under which the runner's arguments travel.
  static let runnerOption = "runner-argument"

  var answersJSON: Bool { healing.json }

  func validate() throws {
    guard command == nil || targets.isEmpty && arguments.isEmpty else {
      throw ValidationError("--command judges alone; leave out paths and test arguments")
    }
  }

  func execute(in context: Context) async throws -> ExitStatus {
    let locator = ProgramLocator(
      folder: context.folder,
      home: context.home,
      root: programOptions.root
    )
    let program =
      if let command {
        try locator.command(command)
      } else {
        try locator.suite(targets: targets, arguments: arguments)
      }
    var settings = try Settings.layered(root: program.root, in: context)
    try settings.apply(programOptions, in: context)
    try settings.apply(healing)
    let run = HealingRun(
      context: context,
      ports: context.ports(context),
      settings: settings,
      program: program,
      oracle: command == nil ? .suite : .command
    )
    return await run.reported(apply: healing.apply, json: healing.json)
  }

  func failure(_ error: CommandError) -> JSON { HealingOutcome(error: error).json }
}
