import HealingModel

extension ExplanationBuilder {
  /// The changes from a thread that could have gone on to another one.
  var switches: [ThreadSwitch] {
    guard !timeline.rows.isEmpty else { return [] }
    return run.preemptions.map { one in
      ThreadSwitch(
        row: timeline.rowOfEvent[one.first],
        from: one.forced.thread,
        to: one.forced.other,
        after: one.forced.after.place,
        before: one.forced.before?.place,
        gil: GILModel.label(one, version: failed.interpreter, answers: failed.interruptible)
      )
    }
  }

  /// All of a minimised run; of another one those that interrupt the accesses of the bug.
  private func switchesThatMatter(_ found: Explanation) -> Set<Int> {
    let all = found.switches
    guard !failed.isMinimal else { return Set(all.indices) }
    guard let rows = found.conflict?.rows else { return all.count > 12 ? [] : Set(all.indices) }
    var shown: Set<Int> = []
    for (one, next) in zip(rows, rows.dropFirst()) {
      let (from, to) = (found.rows[one].thread, found.rows[next].thread)
      let left = all.firstIndex { $0.row > one && $0.row <= next && $0.from == from }
      let came = all.lastIndex { $0.row > one && $0.row <= next && $0.to == to }
      shown.formUnion([left, came].compactMap(\.self))
    }
    return shown
  }

  /// Writes what is remarkable into the rows.
  func mark(_ found: inout Explanation, _ shown: Int?) {
    for index in switchesThatMatter(found) {
      found.rows[found.switches[index].row].isNotable = true
    }
    if let conflict = found.conflict { mark(&found.rows, conflict, found.kind) }
    if let difference = found.passing?.difference {
      found.rows[difference].isNotable = true
      if let instead = found.passing?.instead, let other = found.passing?.rows[instead],
        let theirs = other.value, theirs != found.rows[difference].value
      {
        found.rows[difference].marks.append("\(theirs) in the run that passes")
      }
      if let instead = found.passing?.instead { found.passing?.rows[instead].isNotable = true }
    }
    if let shown {
      found.rows[shown].isNotable = true
      found.rows[shown].marks.append(
        found.kind == .lostWakeUp ? "nobody waits yet" : "never given back"
      )
    }
    for leak in run.leaks {
      let name = names.shown(leak.lock)
      let span = found.locks.last { $0.lock == name && $0.thread == leak.thread && $0.to == nil }
      guard let row = span?.from, row != shown else { continue }
      found.rows[row].isNotable = true
      found.rows[row].marks.append("never given back")
    }
    markCycle(&found)
  }

  private func mark(_ rows: inout [TimelineRow], _ conflict: Conflict, _ kind: BugKind) {
    for row in conflict.rows { rows[row].isNotable = true }
    let (first, second) = (conflict.rows[0], conflict.rows[1])
    guard let pattern = conflict.pattern, let third = conflict.rows.last else {
      rows[second].marks.append(
        kind == .useBeforePublication
          ? "set only after its use at \(time(rows[first]))"
          : "unordered with \(time(rows[first]))"
      )
      return
    }
    switch pattern {
    case .readWriteWrite:
      if rows[first].value != nil, rows[first].value == seenBefore(rows, second) {
        rows[first].marks.append("same value read before the write at \(time(rows[second]))")
      } else {
        rows[first].marks.append("stale after the write at \(time(rows[second]))")
      }
      rows[third].marks.append(
        kind == .lostUpdate
          ? "lost update: overwrites the write at \(time(rows[second]))"
          : "acts on what was true at \(time(rows[first]))"
      )
    case .readWriteRead: rows[third].marks.append("changed since \(time(rows[first]))")
    case .writeWriteRead:
      rows[third].marks.append("reads the write at \(time(rows[second])), not its own")
    case .writeReadWrite: rows[second].marks.append("reads what is half done")
    }
  }

  /// The value that the writing thread had read before its write.
  private func seenBefore(_ rows: [TimelineRow], _ write: Int) -> String? {
    rows[..<write].last {
      $0.thread == rows[write].thread && $0.kind == .read && $0.subject == rows[write].subject
    }?.value
  }

  private func markCycle(_ found: inout Explanation) {
    for thread in found.cycle {
      guard let wait = found.waits.first(where: { $0.thread == thread }) else { continue }
      if let row = found.rows.lastIndex(where: { $0.thread == thread && $0.kind == .block }) {
        let holder = wait.holder.map { " held by \(ThreadName(run.threadName($0)).short)" } ?? ""
        found.rows[row].marks.append("deadlock:\(holder.isEmpty ? " waits for ever" : holder)")
      }
      for held in wait.holds {
        let span = found.locks.last { $0.lock == held.lock && $0.thread == thread && $0.to == nil }
        if let row = span?.from { found.rows[row].isNotable = true }
      }
    }
  }

  private func time(_ row: TimelineRow) -> String { "t=\(row.time)" }
}

extension TimelineRow {
  /// The time at which it is shown: a step counts a tenth of a millisecond.
  public var time: String {
    let fraction = String(step % 10_000)
    return "\(step / 10_000)." + String(repeating: "0", count: 4 - fraction.count) + fraction + "s"
  }
}
