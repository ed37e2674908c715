import ArgumentParser
import HealingModel

/// `heal apply`: writes a session's repair into the files.
struct ApplyCommand: HealCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply",
    abstract: "Write a session's repair into the files."
  )

  @OptionGroup var target: SessionArgument

  @Flag(help: "Write a repair that mends a part only, or that is not verified to the end.")
  var partial = false

  var answersJSON: Bool { target.json }

  func execute(in context: Context) async throws -> ExitStatus {
    let sessions = context.ports(context).sessions
    let id = try await sessions.resolve(target.session)
    let stored = try await sessions.load(id)
    guard !stored.summary.applied else {
      return answer(FileAnswer(session: id, status: .unchanged, files: []), in: context)
    }
    try check(stored)
    let files = try await sessions.apply(id)
    return answer(FileAnswer(session: id, status: .applied, files: files), in: context)
  }

  private func check(_ stored: SessionRecord) throws(CommandError) {
    guard let report = stored.report, !report.patch.isEmpty else {
      throw .refused("session \(stored.summary.id) has no repair to write")
    }
    guard report.status == .healed || partial else {
      throw .refused(
        "the repair of session \(stored.summary.id) is not verified as a whole; "
          + "`heal apply \(stored.summary.id) --partial` writes it all the same"
      )
    }
  }

  private func answer(_ answer: FileAnswer, in context: Context) -> ExitStatus {
    context.console.out(target.json ? "\(answer.json)\n" : answer.text)
    return .fine
  }

  func failure(_ error: CommandError) -> JSON { FileAnswer.failure(error) }
}

/// `heal undo`: takes a session's repair back.
struct UndoCommand: HealCommand {
  static let configuration = CommandConfiguration(
    commandName: "undo",
    abstract: "Take a session's repair back; refused when a file was changed since."
  )

  @OptionGroup var target: SessionArgument

  var answersJSON: Bool { target.json }

  func execute(in context: Context) async throws -> ExitStatus {
    let sessions = context.ports(context).sessions
    let id = try await sessions.resolve(target.session)
    guard try await sessions.load(id).summary.applied else {
      throw CommandError.refused("the repair of session \(id) is not in the files")
    }
    let answer = FileAnswer(session: id, status: .undone, files: try await sessions.undo(id))
    context.console.out(target.json ? "\(answer.json)\n" : answer.text)
    return .fine
  }

  func failure(_ error: CommandError) -> JSON { FileAnswer.failure(error) }
}

/// What became of the user's files.
private struct FileAnswer {
  enum Status: String {
    case applied, undone, unchanged
  }
  var session: String
  var status: Status
  var files: [String]

  var json: JSON {
    [
      "schema": 1,
      "session": .string(session),
      "status": .string(status.rawValue),
      "files": .array(files.map(JSON.string)),
      "error": nil,
    ]
  }

  var text: String {
    let names = files.map { printable($0) }.joined(separator: ", ")
    switch status {
    case .applied: return "written into \(names); to take it back: heal undo \(session)\n"
    case .undone: return "taken back from \(names)\n"
    case .unchanged: return "the repair of session \(session) is already in the files\n"
    }
  }

  static func failure(_ error: CommandError) -> JSON {
    let status = error.exitStatus == .notHealed ? "refused" : "error"
    return [
      "schema": 1, "session": nil, "status": .string(status), "files": [], "error": error.json,
    ]
  }
}
