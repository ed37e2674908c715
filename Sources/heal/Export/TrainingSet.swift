import HealingModel
import Prompting
import SessionStore

/// The verified repairs of the store, as examples to train a model with.
struct TrainingSet: Sendable {
  /// The examples, oldest first.
  private(set) var examples: [TrainingExample] = []
  /// Sessions that were healed and give none, by the reason.
  private(set) var omitted: [TrainingExample.Omission: Int] = [:]

  /// Reads the store.
  ///
  /// - Parameters:
  ///   - sessions: The store.
  ///   - since: Sessions that began earlier are left out, in seconds since 1970.
  ///   - masker: Hides what must not leave the machine.
  ///   - language: The language of the programs.
  /// - Throws: What `CommandError` takes.
  init(
    of sessions: Sessions,
    since: Double?,
    masking masker: SecretMasker,
    language: SourceLanguage
  ) async throws {
    var known: Set<TrainingExample> = []
    for session in try await sessions.list(Int.max).reversed() {
      guard session.status == .healed, session.began >= since ?? -.infinity else { continue }
      do {
        // Only what is as it was verified may teach.
        guard try await sessions.alterations(session.id).isEmpty else {
          throw TrainingExample.Omission.altered
        }
        let stored = try await sessions.load(session.id)
        let example = try TrainingExample(of: stored, masking: masker, language: language)
        guard known.insert(example).inserted else { throw TrainingExample.Omission.repeated }
        examples.append(example)
      } catch let reason as TrainingExample.Omission {
        omitted[reason, default: 0] += 1
      }
    }
  }

  /// All lines.
  var text: String { examples.map { "\($0.json)\n" }.joined() }

  /// What is left out, in sentences.
  var notes: [String] {
    TrainingExample.Omission.allCases.compactMap { reason in
      omitted[reason].map { "left out: \(counted($0, "repair")) that \(reason.rawValue)" }
    }
  }
}
