import ArgumentParser
import HealingModel

/// `heal run`: runs a program; when it fails, heals it.
struct RunCommand: HealCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run a program; when it fails, heal it.",
    discussion: "Everything after FILE is the program's. Options of heal stand before FILE."
  )

  @OptionGroup var healing: HealingOptions
  @OptionGroup var programOptions: ProgramOptions

  @Option(
    help: ArgumentHelp(
      "The exact standard output, white space at its end ignored.",
      valueName: "text"
    )
  )
  var expect: String?

  @Option(help: ArgumentHelp("A file with the expected output.", valueName: "file"))
  var expectFile: String?

  @Option(help: ArgumentHelp("A folder of examples: NAME.in with NAME.out.", valueName: "folder"))
  var cases: String?

  @Argument(help: "The program.")
  var file: String

  @Argument(
    parsing: .captureForPassthrough,
    help: ArgumentHelp("The program's arguments.", valueName: "args")
  )
  var arguments: [String] = []

  var answersJSON: Bool { healing.json }

  func validate() throws {
    guard [expect, expectFile, cases].compactMap({ $0 }).count <= 1 else {
      throw ValidationError("give only one of --expect, --expect-file and --cases")
    }
  }

  func execute(in context: Context) async throws -> ExitStatus {
    let locator = ProgramLocator(
      folder: context.folder,
      home: context.home,
      root: programOptions.root
    )
    let program = try locator.script(file, arguments: arguments)
    var settings = try Settings.layered(root: program.root, in: context)
    try settings.apply(programOptions, in: context)
    try settings.apply(healing)
    let (oracle, notes) = try oracle(in: context)
    let run = HealingRun(
      context: context,
      ports: context.ports(context),
      settings: settings,
      program: program,
      oracle: oracle,
      notes: notes
    )
    return await run.reported(apply: healing.apply, json: healing.json)
  }

  private func oracle(
    in context: Context
  ) throws(CommandError) -> (oracle: Oracle, notes: [String]) {
    if let cases {
      let folder = absolutePath(cases, from: context.folder)
      return (.examples(try exampleCases(in: folder)), [])
    }
    var expected = expect
    if let expectFile {
      let path = absolutePath(expectFile, from: context.folder)
      let bytes = try readFile(path, atMost: RecordedInput.limit)
      expected = try expectedText(bytes, from: expectFile)
    }
    let input = try context.input()
    let example = ExampleCase(name: "run", input: input.bytes, expected: expected)
    return (.examples([example]), [input.note].compactMap { $0 })
  }

  func failure(_ error: CommandError) -> JSON { HealingOutcome(error: error).json }
}
