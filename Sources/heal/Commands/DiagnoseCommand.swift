import ArgumentParser
import HealingModel

/// `heal diagnose`: names every bug that can be seen, and changes nothing.
struct DiagnoseCommand: HealCommand {
  static let configuration = CommandConfiguration(
    commandName: "diagnose",
    abstract: "Name every bug that can be seen; change nothing.",
    discussion: "The programs are read and checked, not run. Status 1 when something was found."
  )

  /// How findings are written.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json, sarif, github
  }

  @OptionGroup var programOptions: ProgramOptions

  @Option(help: "How findings are written.")
  var format = Format.text

  @Argument(help: ArgumentHelp("Files and folders.", valueName: "path"))
  var paths: [String]

  var answersJSON: Bool { format == .json }

  func execute(in context: Context) async throws -> ExitStatus {
    let diagnosis = try await diagnose(paths, in: context) { root throws(CommandError) in
      var settings = try Settings.layered(root: root, in: context)
      try settings.apply(programOptions, in: context)
      return settings
    }
    switch format {
    case .text: context.console.out(diagnosis.text(style: context.console.style))
    case .json: context.console.out("\(diagnosis.json)\n")
    case .sarif: context.console.out("\(diagnosis.sarif(folder: context.folder))\n")
    case .github: context.console.out(diagnosis.annotations)
    }
    return diagnosis.findings.isEmpty ? .fine : .notHealed
  }

  func failure(_ error: CommandError) -> JSON {
    ["schema": 1, "findings": [], "notes": [], "error": error.json]
  }
}
