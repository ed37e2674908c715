import ArgumentParser
import Healing
import HealingModel

/// `heal trace`: explores the schedules of a program's threads.
struct TraceCommand: HealCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace",
    abstract: "Explore thread schedules; show what goes wrong and when.",
    discussion: """
      Everything after FILE is the program's. Options of heal stand before FILE. Status 1 when a \
      schedule fails, or a recorded run shows or predicts a bug; 3 when a replayed schedule does \
      not fit the program any more.
      """
  )

  /// How the report is written.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json, html, perfetto
  }

  /// When waits time out.
  enum Timing: String, ExpressibleByArgument, CaseIterable {
    case free, strict
  }

  /// What is told of failures that the interpreter's global lock does not let happen.
  enum GIL: String, ExpressibleByArgument, CaseIterable {
    case any, strict
  }

  @Option(help: "How the report is written.")
  var format: Format?

  @Flag(help: "The same as --format json.")
  var json = false

  @Option(help: ArgumentHelp("From start to end (default: 60).", valueName: "seconds"))
  var budget: Double?

  @Option(help: ArgumentHelp("The seed of everything random (default: 0).", valueName: "n"))
  var seed: Int?

  @Option(help: ArgumentHelp("Runs side by side (default: one per core).", valueName: "n"))
  var jobs: Int?

  @Option(help: ArgumentHelp("The exact standard output of every run.", valueName: "text"))
  var expect: String?

  @Option(help: ArgumentHelp("A file with the expected output.", valueName: "file"))
  var expectFile: String?

  @Option(help: "When waits time out: at any step, or only when nothing else can go on.")
  var timing: Timing?

  @Option(help: "Any failure, or only those that a model of the interpreter's global lock allows.")
  var gil: GIL?

  @Flag(help: "Status 1 also for accesses that nothing orders, although no schedule fails.")
  var strict = false

  @Option(help: ArgumentHelp("Write the failing schedule into a file.", valueName: "file"))
  var save: String?

  @Option(help: ArgumentHelp("Write a test that replays the failing schedule.", valueName: "file"))
  var emitTest: String?

  @Option(help: ArgumentHelp("Run a schedule that --save wrote.", valueName: "file"))
  var replay: String?

  @Flag(help: "Run the program once, as it is, and predict from that run.")
  var record = false

  @OptionGroup var programOptions: ProgramOptions

  @Argument(help: "The program.")
  var file: String?

  @Argument(
    parsing: .captureForPassthrough,
    help: ArgumentHelp("The program's arguments.", valueName: "args")
  )
  var arguments: [String] = []

  var answersJSON: Bool { json || format == .json }

  func validate() throws {
    guard file != nil || replay != nil else {
      throw ValidationError("name the program, or a schedule with --replay")
    }
    guard expect == nil || expectFile == nil else {
      throw ValidationError("give only one of --expect and --expect-file")
    }
    guard !json || format == nil || format == .json else {
      throw ValidationError("--json and --format \(format?.rawValue ?? "") exclude each other")
    }
    guard !record || replay == nil && save == nil && emitTest == nil && timing == nil else {
      throw ValidationError(
        "--record runs no schedules: it excludes --replay, --save, --emit-test and --timing"
      )
    }
    guard !record || [nil, .text, .json].contains(format) else {
      throw ValidationError(
        "a recorded run is reported as text or json, not as \(format?.rawValue ?? "")"
      )
    }
    guard replay != nil else { return }
    guard expect == nil, expectFile == nil, timing == nil, gil == nil, save == nil,
      arguments.isEmpty
    else {
      throw ValidationError(
        "--replay takes arguments, expected output and timing from the schedule, and saves nothing"
      )
    }
  }

  func execute(in context: Context) async throws -> ExitStatus {
    guard !record else { return try await recording(in: context) }
    let stored = try replay.map { path throws(CommandError) in
      try StoredSchedule(contentsOf: absolutePath(path, from: context.folder))
    }
    let run = try stored.map { stored throws(CommandError) in
      try replaying(stored, in: context)
    }
    let outcome: TraceOutcome
    if let stored, let run {
      outcome = try await run.replay(stored)
    } else {
      outcome = try await exploring(in: context).explore()
    }
    let files = try outcome.write(schedule: save, test: emitTest, in: context)
    let report = TraceReport(outcome: outcome, files: files, console: context.console)
    switch answersJSON ? .json : format ?? .text {
    case .text: context.console.out(report.text)
    case .json: context.console.out("\(report.json)\n")
    case .html: context.console.out(report.html)
    case .perfetto: context.console.out("\(report.perfetto)\n")
    }
    return outcome.exitStatus
  }

  private func recording(in context: Context) async throws -> ExitStatus {
    let report = RecordingReport(
      outcome: try await exploring(in: context).record(),
      console: context.console
    )
    context.console.out(answersJSON ? "\(report.json)\n" : report.text)
    return report.outcome.exitStatus
  }

  private func exploring(in context: Context) throws(CommandError) -> TraceRun {
    let program = try located(file ?? "", arguments, in: context)
    var expected = expect
    if let expectFile {
      let path = absolutePath(expectFile, from: context.folder)
      let bytes = try readFile(path, atMost: RecordedInput.limit)
      expected = try expectedText(bytes, from: expectFile)
    }
    let input = try context.input()
    return TraceRun(
      context: context,
      settings: try settings(program, in: context),
      program: program,
      example: ExampleCase(name: "run", input: input.bytes, expected: expected),
      timing: timing == .strict ? .strict : .free,
      gil: gil == .strict ? .strict : .told,
      isStrict: strict,
      notes: [input.note].compactMap { $0 }
    )
  }

  private func replaying(
    _ stored: StoredSchedule,
    in context: Context
  ) throws(CommandError) -> TraceRun {
    let folder = parentFolder(of: absolutePath(replay ?? "", from: context.folder))
    let script = file ?? absolutePath(stored.script, from: folder)
    let program = try located(script, stored.arguments, in: context)
    return TraceRun(
      context: context,
      settings: try settings(program, in: context),
      program: program,
      example: ExampleCase(
        name: "run",
        input: [UInt8](stored.input),
        expected: stored.expected
      ),
      timing: stored.timing
    )
  }

  private func located(
    _ file: String,
    _ arguments: [String],
    in context: Context
  ) throws(CommandError) -> Program {
    let root = programOptions.root
    return try ProgramLocator(folder: context.folder, home: context.home, root: root)
      .script(file, arguments: arguments)
  }

  private func settings(
    _ program: Program,
    in context: Context
  ) throws(CommandError) -> Settings {
    var settings = try Settings.layered(root: program.root, in: context)
    try settings.apply(programOptions, in: context)
    if let budget { try settings.set(.budget, to: .number(budget), source: "--budget") }
    if let seed { try settings.set(.seed, to: .integer(seed), source: "--seed") }
    if let jobs { try settings.set(.jobs, to: .integer(jobs), source: "--jobs") }
    return settings
  }

  func failure(_ error: CommandError) -> JSON {
    record ? RecordingReport.failed(error) : TraceReport.failed(error)
  }
}
