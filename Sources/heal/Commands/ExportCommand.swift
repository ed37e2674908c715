import ArgumentParser
import Foundation
import PythonAgent
import SessionStore

/// `heal export`: writes verified repairs as conversations, to train a model with.
struct ExportCommand: HealCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write verified repairs as chats, to train a model with.",
    discussion: """
      One JSON object a line: {"messages": [{"role", "content"}, …]}. They hold texts of your \
      programs; values of variables whose names speak of secrets are masked. Nothing is written \
      unless you say so.
      """
  )

  @Option(help: ArgumentHelp("A new file, or - for standard output.", valueName: "file"))
  var out = "-"

  @Option(
    help: ArgumentHelp("Only sessions since that day, as 2026-11-28.", valueName: "date")
  )
  var since: String?

  @Flag(help: "Write without asking.")
  var yes = false

  var answersJSON: Bool { false }

  func execute(in context: Context) async throws -> ExitStatus {
    let start = try since.map(startOfDay)
    let path = out == "-" ? nil : absolutePath(out, from: context.folder)
    if let path, FileKind(of: path) != .missing {
      throw CommandError.usage("\(out) is there already; name a new file")
    }
    let set = try await TrainingSet(
      of: context.ports(context).sessions,
      since: start,
      masking: SecretMasker(environment: context.environment),
      language: .python
    )
    for note in set.notes { context.console.err("heal: \(note)\n") }
    guard !set.examples.isEmpty else {
      context.console.err("heal: there is no repair to write\n")
      return .fine
    }
    let count = counted(set.examples.count, "verified repair")
    guard try yes || isAllowed(count, in: context) else {
      throw CommandError.refused("nothing was written")
    }
    if let path { try write(set.text, to: path) } else { context.console.out(set.text) }
    context.console.err("heal: \(count) written\n")
    return .fine
  }

  private func isAllowed(_ count: String, in context: Context) throws(CommandError) -> Bool {
    let place = out == "-" ? "standard output" : printable(out)
    let question =
      "Write \(count), with texts of your programs and what they printed, to \(place)?"
    guard let answer = context.console.ask(question) else {
      throw .usage("nobody can be asked whether texts of programs may be written: --yes says so")
    }
    return answer
  }

  /// A file of its own, which only its owner can read.
  private func write(_ text: String, to path: String) throws(CommandError) {
    let number = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard number >= 0 else {
      throw .environment(
        message: "\(path) cannot be made: \(String(cString: strerror(errno)))",
        remedy: "name another file with --out"
      )
    }
    do {
      try FileHandle(fileDescriptor: number, closeOnDealloc: true)
        .write(contentsOf: Data(text.utf8))
    } catch {
      throw .environment(
        message: "\(path) cannot be written: \(error.localizedDescription)",
        remedy: "name another file with --out"
      )
    }
  }
}

/// The second since 1970 at which a day begins here, such as `2026-11-28`.
///
/// - Parameter text: The day.
/// - Returns: The second.
/// - Throws: `CommandError.usage` when there is no such day.
func startOfDay(_ text: String) throws(CommandError) -> Double {
  let parts = text.split(separator: "-", omittingEmptySubsequences: false)
  let calendar = Calendar(identifier: .gregorian)
  guard parts.map(\.utf8.count) == [4, 2, 2], parts.allSatisfy({ $0.allSatisfy(\.isNumber) }),
    let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2])
  else { throw .usage("`\(text)` is no day such as 2026-11-28") }
  let components = DateComponents(calendar: calendar, year: year, month: month, day: day)
  guard components.isValidDate, let date = components.date else {
    throw .usage("there is no day \(text)")
  }
  return date.timeIntervalSince1970
}
