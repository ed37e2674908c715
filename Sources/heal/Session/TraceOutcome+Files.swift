import Foundation
import Healing
import HealingModel
import PythonAgent

/// The files that a trace wrote.
struct TraceFiles: Sendable, Hashable {
  /// The failing schedule, as the user named it.
  var schedule: String?
  /// The test that replays it.
  var test: String?
}

extension TraceOutcome {
  /// Writes what the user asked for; nothing when no schedule fails.
  ///
  /// - Parameters:
  ///   - schedule: Where the failing schedule is to be written.
  ///   - test: Where a test that replays it is to be written.
  ///   - context: The world.
  /// - Returns: The files that were written.
  /// - Throws: `CommandError.refused` when a file cannot be written.
  func write(
    schedule: String?,
    test: String?,
    in context: Context
  ) throws(CommandError) -> TraceFiles {
    var files = TraceFiles()
    guard let failure = result.failure else { return files }
    if let schedule {
      let path = absolutePath(schedule, from: context.folder)
      try write(stored(failure, in: parentFolder(of: path)).text, to: path, named: schedule)
      files.schedule = schedule
    }
    if let test {
      let path = absolutePath(test, from: context.folder)
      let stored = stored(failure, in: parentFolder(of: path))
      let text = scheduleTest(
        schedule: stored.text,
        script: stored.script,
        summary: "\(failure.failure.name): \(failure.summary)"
      )
      try write(text, to: path, named: test)
      files.test = test
    }
    return files
  }

  private func stored(_ failure: TracedFailure, in folder: String) -> StoredSchedule {
    StoredSchedule(
      failure,
      script: pathSeen(from: resolvedPath(folder) ?? folder, to: script.path),
      arguments: script.arguments,
      example: example,
      program: identity
    )
  }

  private func write(_ text: String, to path: String, named name: String) throws(CommandError) {
    do {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw .refused("\(name) cannot be written: \(error.localizedDescription)")
    }
  }
}
