import Foundation
import Healing
import HealingModel

/// What ruff and ty say of a program's files.
struct StaticTools: Sendable {
  /// A finding of a tool as the agent takes it.
  struct Item: Codable, Hashable {
    var tool: String
    var path: String
    var rule: String
    var message: String
    var range: WireRange
  }

  /// The folder with the tools' executables.
  let folder: String

  /// The tools' findings in `sources`, or nil when neither tool runs.
  func items(
    in sources: Sources,
    interpreter: Interpreter,
    processes: ProcessPort,
    limits: ChildLimits
  ) async -> [Item]? {
    let overlay = sources.texts.mapValues { Array($0.utf8) }
    let paths = sources.paths
    async let ruff = run(
      [
        "\(folder)/ruff", "check", "--isolated", "--no-cache", "--output-format", "json",
        "--select", "E9,F,B,PLE,ASYNC,RUF006", "--",
      ] + paths,
      overlay,
      processes,
      limits
    )
    async let ty = run(
      [
        "\(folder)/ty", "check", "--output-format", "gitlab", "--python", interpreter.path,
        "--color", "never", "--",
      ] + paths,
      overlay,
      processes,
      limits
    )
    let answers = [await ruff.flatMap(parseRuff), await ty.flatMap(parseTy)].compactMap { $0 }
    guard !answers.isEmpty else { return nil }
    return answers.flatMap { $0 }.compactMap { item in
      // Tools print the path as given or as an absolute one.
      guard
        let path = paths.first(where: { item.path == $0 || item.path.hasSuffix("/" + $0) })
      else { return nil }
      var item = item
      item.path = path
      return item
    }
  }

  private func run(
    _ argv: [String],
    _ overlay: [String: [UInt8]],
    _ processes: ProcessPort,
    _ limits: ChildLimits
  ) async -> Data? {
    guard FileManager.default.isExecutableFile(atPath: argv[0]) else { return nil }
    let command = ChildCommand(argv: argv, overlay: overlay, readable: [folder], limits: limits)
    guard let result = try? await processes.run(command), result.stdout.isWhole,
      case .code(let code) = result.exit, code <= 1
    else { return nil }
    return Data((result.stdout.head + result.stdout.tail).utf8)
  }

  private func parseRuff(_ data: Data) -> [Item]? {
    struct Place: Decodable {
      var row: Int
      var column: Int
    }
    struct Message: Decodable {
      var code: String?
      var filename: String
      var message: String
      var location: Place
      var end_location: Place
    }
    guard let messages = try? JSONDecoder().decode([Message].self, from: data) else { return nil }
    return messages.map { message in
      Item(
        tool: "ruff",
        path: message.filename,
        rule: message.code ?? "syntax",
        message: message.message,
        range: WireRange(
          TextRange(
            start: TextPosition(line: message.location.row, column: message.location.column),
            end: TextPosition(
              line: message.end_location.row,
              column: message.end_location.column
            )
          )
        )
      )
    }
  }

  private func parseTy(_ data: Data) -> [Item]? {
    struct Place: Decodable {
      var line: Int
      var column: Int
    }
    struct Positions: Decodable {
      var begin: Place
      var end: Place
    }
    struct Location: Decodable {
      var path: String
      var positions: Positions
    }
    struct Message: Decodable {
      var check_name: String
      var description: String
      var location: Location
    }
    guard let messages = try? JSONDecoder().decode([Message].self, from: data) else { return nil }
    return messages.map { message in
      let positions = message.location.positions
      return Item(
        tool: "ty",
        path: message.location.path,
        rule: message.check_name,
        message: message.description.dropPrefix(message.check_name + ": "),
        range: WireRange(
          TextRange(
            start: TextPosition(line: positions.begin.line, column: positions.begin.column),
            end: TextPosition(line: positions.end.line, column: positions.end.column)
          )
        )
      )
    }
  }
}
