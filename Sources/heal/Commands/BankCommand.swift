import ArgumentParser
import Foundation
import HealingModel
import SessionStore

/// `heal bank`: the verified repairs that are kept beyond their sessions.
struct BankCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bank",
    abstract: "Show, forget and share the verified repairs that heal learns from.",
    discussion: """
      Every verified repair is kept in general: names and literals taken out. In later sessions it is \
      tried where it fits, verified like every other candidate, and shown to a model on this machine.
      """,
    subcommands: [
      BankListCommand.self, BankShowCommand.self, BankForgetCommand.self, BankExportCommand.self,
      BankImportCommand.self,
    ],
    defaultSubcommand: BankListCommand.self
  )
}

/// `heal bank list`: a line for each repair.
struct BankListCommand: HealCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the repairs, the newest last."
  )

  @Flag(help: "Print one JSON object.")
  var json = false

  var answersJSON: Bool { json }

  func execute(in context: Context) async throws -> ExitStatus {
    let repairs = try await context.ports(context).sessions.bank.all()
    guard !json else {
      context.console.out("\(BankAnswer(repairs: repairs).json)\n")
      return .fine
    }
    for repair in repairs { context.console.out(repair.line(style: context.console.style)) }
    if repairs.isEmpty { context.console.out("the bank is empty\n") }
    return .fine
  }

  func failure(_ error: CommandError) -> JSON { BankAnswer.failure(error) }
}

/// `heal bank show`: a repair with where it comes from.
struct BankShowCommand: HealCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show a repair: what it does, and where it was verified."
  )

  @Argument(help: "A repair's name, or a unique beginning of it.")
  var id: String

  @Flag(help: "Print one JSON object.")
  var json = false

  var answersJSON: Bool { json }

  func execute(in context: Context) async throws -> ExitStatus {
    let repair = try await context.ports(context).sessions.bank.named(id)
    context.console.out(
      json ? "\(BankAnswer(repairs: [repair]).json)\n" : repair.text(style: context.console.style)
    )
    return .fine
  }

  func failure(_ error: CommandError) -> JSON { BankAnswer.failure(error) }
}

/// `heal bank forget`: removes repairs.
struct BankForgetCommand: HealCommand {
  static let configuration = CommandConfiguration(
    commandName: "forget",
    abstract: "Remove a repair, or all of them."
  )

  @Argument(help: "A repair's name, or a unique beginning of it.")
  var id: String?

  @Flag(help: "Remove all of them.")
  var all = false

  @Flag(help: "Do not ask.")
  var yes = false

  @Flag(help: "Print one JSON object; never ask.")
  var json = false

  var answersJSON: Bool { json }

  func validate() throws {
    guard (id == nil) == all else { throw ValidationError("name a repair, or give --all") }
  }

  func execute(in context: Context) async throws -> ExitStatus {
    let bank = context.ports(context).sessions.bank
    let repairs = if let id { [try await bank.named(id)] } else { try await bank.all() }
    guard !repairs.isEmpty else { return answer(0, in: context) }
    let what = repairs.count == 1 ? "this repair" : "all \(repairs.count) repairs"
    if !yes {
      if !json, repairs.count == 1 {
        context.console.out(repairs[0].text(style: context.console.style))
      }
      guard !json, context.console.ask("Forget \(what)?") == true else {
        throw CommandError.refused("nothing was forgotten; --yes forgets without asking")
      }
    }
    return answer(try await bank.forget(all ? nil : repairs.map(\.id)), in: context)
  }

  private func answer(_ count: Int, in context: Context) -> ExitStatus {
    var answer = BankAnswer()
    answer.forgotten = count
    context.console.out(
      json ? "\(answer.json)\n" : "\(count) \(count == 1 ? "repair" : "repairs") forgotten\n"
    )
    return .fine
  }

  func failure(_ error: CommandError) -> JSON { BankAnswer.failure(error) }
}

/// `heal bank export`: writes the repairs as lines of JSON.
struct BankExportCommand: HealCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write the repairs as lines of JSON, secrets masked."
  )

  @Argument(help: "The file to write, which must not be there; - for standard output.")
  var file: String

  var answersJSON: Bool { false }

  func execute(in context: Context) async throws -> ExitStatus {
    let lines = try await context.ports(context).sessions.bank.lines().map { $0 + "\n" }
    guard file != "-" else {
      context.console.out(lines.joined())
      return .fine
    }
    let path = absolutePath(file, from: context.folder)
    guard FileKind(of: path) == .missing else {
      throw CommandError.refused("\(file) is there already and was not touched")
    }
    do {
      try Data(lines.joined().utf8).write(to: URL(fileURLWithPath: path))
    } catch {
      throw CommandError.usage("\(file) cannot be written")
    }
    context.console.err("\(lines.count) repairs written to \(printable(file))\n")
    return .fine
  }
}

/// `heal bank import`: takes in what others verified.
struct BankImportCommand: HealCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Take in repairs that `heal bank export` wrote.",
    discussion: """
      They are tried like your own, and verified before anything is claimed; they count for nothing \
      else until one has mended a program here. Status 1 when a line was refused.
      """
  )

  @Argument(help: "The file.")
  var file: String

  @Flag(help: "Print one JSON object.")
  var json = false

  var answersJSON: Bool { json }

  func execute(in context: Context) async throws -> ExitStatus {
    let path = absolutePath(file, from: context.folder)
    let bytes = try readFile(path, atMost: 64 << 20)
    var answer = BankAnswer()
    var repairs: [BankedRepair] = []
    for (index, line) in bytes.split(separator: 10, omittingEmptySubsequences: false).enumerated()
    where !line.allSatisfy({ [9, 13, 32].contains($0) }) {
      do throws(BankLine.Refusal) {
        repairs.append(try BankLine.repair(in: line))
      } catch {
        answer.refused.append((index + 1, error.description))
      }
    }
    answer.imported = try await context.ports(context).sessions.bank.add(repairs)
    answer.known = repairs.count - answer.imported
    for (line, reason) in answer.refused.prefix(20) {
      context.console.err("heal: \(printable("\(file):\(line): \(reason)"))\n")
    }
    context.console.out(json ? "\(answer.json)\n" : answer.importText)
    return answer.refused.isEmpty ? .fine : .notHealed
  }

  func failure(_ error: CommandError) -> JSON { BankAnswer.failure(error) }
}

extension Bank {
  /// The repair that a name or the beginning of one means.
  func named(_ text: String) async throws -> BankedRepair {
    let prefix = text.lowercased()
    let found = try await all().filter { !prefix.isEmpty && $0.id.hasPrefix(prefix) }
    guard let first = found.first else {
      throw CommandError.usage("the bank has no repair \(text); `heal bank list` lists them")
    }
    guard found.count == 1 else {
      let names = found.prefix(6).map(\.id).joined(separator: ", ")
      throw CommandError.usage("several repairs begin with \(text): \(names)")
    }
    return first
  }
}
