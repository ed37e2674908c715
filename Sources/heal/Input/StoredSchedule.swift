import Foundation
import Healing
import HealingModel
import Scheduling

/// A failing schedule in a file, with all that it needs to mean the same on another machine.
struct StoredSchedule: Sendable, Hashable, Codable {
  /// The version of the format.
  var schema = 1
  /// The script, relative to the folder of the file.
  var script: String
  /// The script's arguments.
  var arguments: [String]
  /// What stands on its standard input.
  var input: Data
  /// The output that it must have, or nil for any.
  var expected: String?
  /// What the program was made of.
  var program: ProgramIdentity
  /// When waits might time out.
  var timing: ScheduleTiming
  /// The places that were known to be shared.
  var shared: [String]
  /// The thread of each step, as pairs of a thread and how many steps it takes.
  var choices: [Int]
  /// What went wrong.
  var failure: Failure

  /// What went wrong.
  struct Failure: Sendable, Hashable, Codable {
    /// Its kind.
    var kind: String
    /// What makes it the same in another run.
    var signature: String
    /// What happened, in a sentence.
    var summary: String
  }

  /// The largest file that is read.
  private static let sizeLimit = 16 << 20
  /// The most steps that are replayed.
  private static let stepLimit = 10_000_000

  /// The schedule as the explored program takes it.
  var schedule: ScheduledFailure {
    var runs = ThreadRuns()
    for index in stride(from: 0, to: choices.count, by: 2) {
      runs.append(choices[index], times: choices[index + 1])
    }
    return ScheduledFailure(choices: runs, shared: shared, timing: timing)
  }

  /// The schedule as JSON.
  var text: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return ((try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "") + "\n"
  }

  /// Reads a file.
  ///
  /// - Parameter path: The file.
  /// - Throws: `CommandError.usage` when it holds no schedule.
  init(contentsOf path: String) throws(CommandError) {
    let bytes = try readFile(path, atMost: Self.sizeLimit)
    do {
      self = try JSONDecoder().decode(StoredSchedule.self, from: Data(bytes))
    } catch {
      throw .usage("\(path) holds no schedule as `heal trace --save` writes it")
    }
    guard schema == 1 else { throw .usage("\(path) was written by a newer version of heal") }
    let isWhole =
      choices.count.isMultiple(of: 2)
      && stride(from: 0, to: choices.count, by: 2).allSatisfy {
        (0..<100_000).contains(choices[$0]) && (1...Self.stepLimit).contains(choices[$0 + 1])
      }
    guard isWhole else { throw .usage("\(path) holds a schedule that makes no sense") }
  }

  /// Makes the record of a failure.
  ///
  /// - Parameters:
  ///   - failure: The failure.
  ///   - script: The script as seen from the folder of the file.
  ///   - arguments: Its arguments.
  ///   - example: Its input and the output that it must have.
  ///   - program: What it was made of.
  init(
    _ failure: TracedFailure,
    script: String,
    arguments: [String],
    example: ExampleCase,
    program: ProgramIdentity
  ) {
    self.script = script
    self.arguments = arguments
    input = Data(example.input)
    expected = example.expected
    self.program = program
    timing = failure.schedule.timing
    shared = failure.schedule.shared
    choices = failure.schedule.choices.runs.flatMap { [$0.thread, $0.count] }
    self.failure = Failure(
      kind: failure.failure.name,
      signature: failure.failure.signature,
      summary: failure.summary
    )
  }
}

/// A path as seen from a folder, upwards where it lies elsewhere; both absolute.
func pathSeen(from folder: String, to path: String) -> String {
  let (from, to) = (folder.split(separator: "/"), path.split(separator: "/"))
  let common = zip(from, to).prefix { $0 == $1 }.count
  let up = from.dropFirst(common).map { _ in ".." }
  return (up + to.dropFirst(common).map(String.init)).joined(separator: "/")
}
