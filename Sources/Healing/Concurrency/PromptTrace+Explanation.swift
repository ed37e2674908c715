import HealingModel
public import Prompting
public import Scheduling

extension PromptTrace {
  /// What a prompt tells of a failing schedule.
  public init(of explanation: Explanation) {
    let name = { (thread: Int) in
      explanation.threads.indices.contains(thread)
        ? ThreadName(explanation.threads[thread]).short : "thread \(thread)"
    }
    self.init(
      summary: "\(explanation.kind.title): \(explanation.failure). \(explanation.account)",
      events: explanation.rows.map { row in
        TraceLine(
          time: row.time,
          thread: name(row.thread),
          kind: row.kind.rawValue,
          subject: row.subject + (row.value.map { "=\($0)" } ?? ""),
          place: told(row.place),
          mark: row.marks.joined(separator: "; ")
        )
      },
      waits: explanation.waits.map { wait in
        let held = wait.holds.map(\.lock).joined(separator: ", ")
        let wants = wait.kind == .join ? "the end of \(wait.wants)" : wait.wants
        var text = "\(name(wait.thread)) holds \(held.isEmpty ? "nothing" : held), wants \(wants)"
        if !told(wait.place).isEmpty { text += " at \(told(wait.place))" }
        if wait.kind != .join, let holder = wait.holder { text += ", held by \(name(holder))" }
        return text
      }
    )
  }
}

private func told(_ place: SourcePlace) -> String {
  place.line > 0 ? "\(place.path):\(place.line)" : place.path
}
