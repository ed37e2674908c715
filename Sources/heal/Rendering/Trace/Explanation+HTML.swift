import Foundation
import HealingModel
import Scheduling

extension Explanation {
  /// The explanation as one file for a browser: no network, nothing but its own script runs in it.
  ///
  /// Texts from the program stand in it as escaped text, or as data that the script only ever shows
  /// as text.
  ///
  /// - Parameter heading: What is said beside the explanation.
  /// - Returns: The document.
  func html(_ heading: TraceHeading) -> String {
    let script = Page.text(["model.js", "timeline.js", "page.js"])
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta http-equiv="Content-Security-Policy" content="\(Page.policy(script))">
      <title>\(escaped("\(kind.title): \(heading.program)"))</title>
      <style>
      \(Page.text(["style.css"]))</style>
      </head>
      <body>
      \(head(heading))
      <main>
      \(waitTable)
      \(tools)
      <div class="runs">
      \(panes.map(\.markup).joined(separator: "\n"))
      </div>
      \(raceTable)
      \(plainText)
      </main>
      <div id="dock" aria-live="polite"></div>
      <script type="application/json" id="data">\(Page.data(pageData))</script>
      <script>\(script)</script>
      </body>
      </html>

      """
  }

  private func head(_ heading: TraceHeading) -> String {
    var facts = [("Evidence", heading.evidence), ("Under the global lock", gil.words)]
    if isMinimal, !switches.isEmpty {
      let count = switches.count == 1 ? "1 switch" : "\(switches.count) switches"
      facts.append(("Minimised", "\(count) of threads; none of them can be taken out alone"))
    }
    if !place.shown.isEmpty { facts.insert(("Place", place.shown), at: 0) }
    facts += heading.notes.map { ("Note", $0) } + limits.map { ("Not controlled", $0) }
    let list = facts.map { "<dt>\(escaped($0))</dt><dd>\(escaped($1))</dd>" }.joined(
      separator: "\n"
    )
    let replay = heading.replay.map { "<dt>Replay</dt><dd><code>\(escaped($0))</code></dd>" } ?? ""
    let warning = assumption.map { "<p class=\"warning\">\(escaped($0))</p>" } ?? ""
    return """
      <header>
      <p class="program">heal trace \(escaped(heading.program))</p>
      \(warning)
      <h1>\(escaped(kind.title.prefix(1).uppercased() + kind.title.dropFirst()))</h1>
      <p class="failure">\(escaped(failure))</p>
      <p class="account">\(escaped(account))</p>
      <dl class="facts">\(list)\(replay)</dl>
      </header>
      """
  }

  private var tools: String {
    """
    <div class="tools">
    <label><input type="checkbox" id="everything"> every event</label>
    <label><input type="checkbox" id="arrows"> all happens-before arrows</label>
    <span class="help">Point at an event, or reach it by Tab and the arrow keys: what nothing orders \
    with it grows pale.</span>
    </div>
    <div class="legend" id="locks">
    <span class="read"><i></i>read</span><span class="write"><i></i>write</span>
    <span class="lock"><i></i>lock</span><span class="wake"><i></i>wait, wake, time</span>
    <span class="life-event"><i></i>thread</span><span class="bad"><i></i>blocked, raised</span>
    </div>
    """
  }

  private var panes: [Pane] {
    var found = [Pane(id: "failing", title: "The schedule that fails")]
    if passing != nil { found.append(Pane(id: "passing", title: "The nearest one that passes")) }
    return found
  }

  private var waitTable: String {
    guard !waits.isEmpty else { return "" }
    let rows = waits.map { wait in
      let holds = wait.holds.map { held in
        held.lock + (held.place.map { " (\($0.shown))" } ?? "")
      }
      let cells = [
        name(wait.thread), holds.joined(separator: ", "),
        wait.kind == .join ? "the end of \(wait.wants)" : wait.wants, wait.place.shown,
        wait.holder.map(name) ?? "nobody",
      ]
      return "<tr>" + cells.map { "<td>\(escaped($0))</td>" }.joined() + "</tr>"
    }
    let title = cycle.isEmpty ? "Who waits" : "Who waits for whom"
    return """
      <h2>\(title)</h2>
      <div id="circle"></div>
      <table><thead><tr><th>Thread</th><th>holds</th><th>wants</th><th>at</th><th>held by</th></tr>
      </thead><tbody>\(rows.joined(separator: "\n"))</tbody></table>
      """
  }

  private var raceTable: String {
    guard !races.isEmpty else { return "" }
    let lines = races.map { race in
      let cells =
        [race.subject]
        + race.rows.map { row in
          "\(rows[row].kind.rawValue) by \(name(rows[row].thread)) at \(rows[row].place.shown)"
        }
      return "<tr>" + cells.map { "<td>\(escaped($0))</td>" }.joined() + "</tr>"
    }
    return """
      <details\(races.count > 6 ? "" : " open")>
      <summary>Accesses that nothing orders (\(races.count))</summary>
      <table><thead><tr><th>What</th><th>one access</th><th>the other</th></tr></thead>
      <tbody>\(lines.joined(separator: "\n"))</tbody></table></details>
      """
  }

  private var plainText: String {
    let text = TimelineText(
      threads: threads,
      rows: rows,
      style: Style(colours: false),
      width: 140
    ).list.joined(separator: "\n")
    return """
      <details><summary>The same as text</summary>
      <pre>\(escaped(text))</pre></details>
      """
  }
}

/// A place for one run in the page.
private struct Pane {
  var id: String
  var title: String

  var markup: String {
    """
    <section class="run" id="\(id)"><h2>\(escaped(title))</h2><div class="pane"></div></section>
    """
  }
}

/// The parts of the page that do not come from a run.
private enum Page {
  /// Embedded files, one after the other.
  static func text(_ names: [String]) -> String {
    names.compactMap { name in embeddedPageFiles.first { $0.path == name }?.text }.joined()
  }

  /// What the browser lets the page do: run this one script, and nothing from elsewhere.
  static func policy(_ script: String) -> String {
    let digits = Array(sha256(script.utf8))
    let bytes = stride(from: 0, to: digits.count, by: 2).compactMap { index in
      UInt8(String(digits[index...(index + 1)]), radix: 16)
    }
    let hash = Data(bytes).base64EncodedString()
    return "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-\(hash)'"
  }

  /// JSON that nothing in it can take out of its element.
  static func data(_ json: JSON) -> String {
    json.description.unicodeScalars.map { scalar in
      switch scalar {
      case "<": "\\u003c"
      case ">": "\\u003e"
      case "&": "\\u0026"
      default: String(scalar)
      }
    }.joined()
  }
}

/// A text as it stands between tags and in attributes of HTML.
func escaped(_ text: String) -> String {
  printable(text, keepingLines: true).unicodeScalars.map { scalar in
    switch scalar {
    case "<": "&lt;"
    case ">": "&gt;"
    case "&": "&amp;"
    case "\"": "&quot;"
    case "'": "&#39;"
    default: String(scalar)
    }
  }.joined()
}
