import ArgumentParser
import Foundation
import HealingModel

/// `heal log`: lists the sessions.
struct LogCommand: HealCommand {
  static let configuration = CommandConfiguration(
    commandName: "log",
    abstract: "List the sessions, newest first."
  )

  @Option(help: ArgumentHelp("At most this many.", valueName: "n"))
  var limit = 20

  @Flag(help: "Print one JSON object.")
  var json = false

  var answersJSON: Bool { json }

  func validate() throws {
    guard limit > 0 else { throw ValidationError("--limit must be at least 1") }
  }

  func execute(in context: Context) async throws -> ExitStatus {
    let sessions = try await context.ports(context).sessions.list(limit)
    guard !json else {
      let list = JSON.array(sessions.map(\.json))
      context.console.out("\(["schema": 1, "sessions": list, "error": nil] as JSON)\n")
      return .fine
    }
    let style = context.console.style
    for session in sessions {
      let state = session.applied ? "\(session.status.rawValue), written" : session.status.rawValue
      let place = session.root.isEmpty ? "" : " in \(session.root)"
      context.console.out(
        "\(style.yellow(session.id))  \(localTime(session.began))  "
          + padded(state, to: 16) + printable("  \(session.title)\(place)") + "\n"
      )
    }
    if sessions.isEmpty { context.console.out("no sessions yet\n") }
    return .fine
  }

  func failure(_ error: CommandError) -> JSON {
    ["schema": 1, "sessions": [], "error": error.json]
  }
}

extension LoggedSession {
  /// The session's line as JSON.
  var json: JSON {
    [
      "session": .string(id),
      "began": .string(utcTime(began)),
      "status": .string(status.rawValue),
      "applied": .bool(applied),
      "partial": .bool(partial),
      "seconds": .seconds(seconds),
      "root": .string(root),
      "title": .string(title),
    ]
  }
}

/// A time as people write it here, such as `2026-11-23 07:06`.
func localTime(_ seconds: Double) -> String {
  var time = wholeSeconds(seconds)
  var parts = tm()
  localtime_r(&time, &parts)
  return formatted(parts, "%Y-%m-%d %H:%M")
}

/// A time in ISO 8601, in UTC.
func utcTime(_ seconds: Double) -> String {
  var time = wholeSeconds(seconds)
  var parts = tm()
  gmtime_r(&time, &parts)
  return formatted(parts, "%Y-%m-%dT%H:%M:%SZ")
}

/// A time within the years that have four digits: what an altered store holds may be none.
private func wholeSeconds(_ seconds: Double) -> time_t {
  time_t(min(max(seconds, -62_135_596_800), 253_402_300_799))
}

private func formatted(_ parts: tm, _ format: String) -> String {
  var parts = parts
  var buffer = [CChar](repeating: 0, count: 64)
  let count = strftime(&buffer, buffer.count, format, &parts)
  return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// A text filled up with spaces.
func padded(_ text: String, to width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - text.count))
}
