import Foundation
import HealingModel

/// Heals the bundled programs one after the other, each in a folder of its own.
struct Demo {
  /// The world.
  var context: Context
  /// The parts that do the work.
  var ports: Ports
  /// What the user chose.
  var settings: Settings

  /// What became of one program.
  struct Row: Sendable {
    /// The program.
    var program: DemoProgram
    /// What came of it.
    var outcome: HealingOutcome
    /// Elapsed seconds.
    var seconds: Double
    /// Whether a verified repair was written.
    var isHealed: Bool { outcome.report.status == .healed && outcome.report.applied }
  }

  /// Heals all of them.
  ///
  /// - Parameters:
  ///   - quiet: Whether nothing is shown on the way.
  ///   - keep: Whether the folder stays.
  /// - Returns: A row for each program that was begun.
  /// - Throws: `CommandError` when the folder cannot be written.
  func run(quiet: Bool, keep: Bool) async throws -> [Row] {
    let folder = try makeFolder()
    defer { if !keep { try? FileManager.default.removeItem(atPath: folder) } }
    if keep, !quiet { context.console.out("in \(folder)\n") }
    var rows: [Row] = []
    for (index, program) in DemoProgram.all.enumerated() where !Task.isCancelled {
      let style = context.console.style
      if !quiet {
        let title = "\(index + 1)/\(DemoProgram.all.count) \(program.name)"
        context.console.out("\(style.bold(title)): \(program.story)\n")
      }
      let row = await heal(program, in: folder + "/" + program.name)
      if !quiet { context.console.out(summary(of: row, style) + "\n") }
      rows.append(row)
      // What the environment or we ourselves lack, the next program lacks too.
      if row.outcome.report.status == .error { break }
    }
    return rows
  }

  private func heal(_ program: DemoProgram, in folder: String) async -> Row {
    let start = context.now()
    do {
      try program.write(into: folder)
    } catch {
      return Row(program: program, outcome: HealingOutcome(error: CommandError(error)), seconds: 0)
    }
    var context = context
    context.folder = folder
    context.commandLine += [program.name]
    context.now = { [now = self.context.now] in now() - start }
    let run = HealingRun(
      context: context,
      ports: ports,
      settings: settings,
      program: Program(root: folder, entry: program.entry),
      oracle: program.oracle
    )
    var outcome = await run()
    await outcome.writeRepair(wanted: true, asking: nil, through: ports)
    return Row(program: program, outcome: outcome, seconds: context.now())
  }

  private func summary(of row: Row, _ style: Style) -> String {
    let report = row.outcome.report
    var text = ""
    for finding in report.findings.prefix(6) {
      text += "  \(finding.path):\(finding.range.start.line): \(printable(finding.message))\n"
    }
    text += indented(paintedDiff(report.diff ?? "", style: style), by: "  ", escaping: false)
    if let error = row.outcome.error { text += "  \(printable(error.description))\n" }
    let verdict = row.isHealed ? style.green("healed") : style.red("not healed")
    return text + "  \(verdict) in \(tenths(row.seconds)) s\n"
  }

  private func makeFolder() throws -> String {
    let base = context.environment["TMPDIR"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "/tmp"
    let template = base + "/heal-demo-XXXXXX"
    var bytes = template.utf8CString.map { $0 }
    guard mkdtemp(&bytes) != nil else {
      throw CommandError.environment(
        message: "no temporary folder can be made in \(base): \(String(cString: strerror(errno)))",
        remedy: "set TMPDIR to a folder that you can write to"
      )
    }
    let path = String(decoding: bytes.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return resolvedPath(path) ?? path
  }

  /// The rows as JSON.
  static func json(_ rows: [Row]) -> JSON {
    [
      "schema": 1,
      "programs": .array(
        rows.map { row in
          [
            "program": .string(row.program.name),
            "bugs": .integer(row.program.bugs),
            "seconds": .seconds(row.seconds),
            "report": row.outcome.json,
          ]
        }
      ),
      "healed": .bool(isComplete(rows)),
      "error": rows.lazy.compactMap(\.outcome.error).first?.json ?? .null,
    ]
  }

  /// The rows as a table.
  static func table(_ rows: [Row], _ style: Style) -> String {
    let header = ["program", "bugs", "status", "attempts", "candidates", "seconds"]
    let body = rows.map { row in
      [
        row.program.name, "\(row.program.bugs)", row.outcome.report.status.rawValue,
        "\(row.outcome.report.attempts)", "\(row.outcome.report.candidates)", tenths(row.seconds),
      ]
    }
    let healed = rows.filter(\.isHealed).count
    let verdict = "\(healed) of \(DemoProgram.all.count) healed"
    return alignedTable(header, body, style, left: [2])
      + (isComplete(rows) ? style.green(verdict) : style.red(verdict)) + "\n"
  }

  private static func isComplete(_ rows: [Row]) -> Bool {
    rows.count == DemoProgram.all.count && rows.allSatisfy(\.isHealed)
  }
}
