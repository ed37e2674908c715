import Diagnosis
import HealingModel
import Search

/// What a search over the edits of a state showed that a model should know.
struct Learnt: Sendable {
  /// The state.
  var sources: Sources
  /// How suspicious its lines are, from 0 to 1, by file.
  var suspicion: [String: [Int: Double]]
  /// Which changes help some tests and break others, and where none helps.
  var search: SearchFacts

  /// Takes what a search showed of the state that it was opened on.
  init(of driver: SearchDriver, _ space: any SearchSpace) async {
    sources = driver.sources
    suspicion = driver.suspicion
    var partial: [PartialRepair] = []
    for trial in driver.partial(mending: true) where trial.base.number == 0 {
      // One that breaks nothing is a step forward, unless a rule of evidence refuses it.
      guard !trial.evaluation.regressed.isEmpty, partial.count < 2,
        let rendering = try? await space.render(base: 0, candidate: trial.ids)
      else { continue }
      partial.append(
        PartialRepair(
          patch: trial.explained(rendering),
          passing: trial.evaluation.passing.count,
          total: space.baseline.tests.count,
          broken: trial.evaluation.regressed.count
        )
      )
    }
    search = SearchFacts(cleared: driver.cleared, partial: partial)
  }
}

extension SearchDriver {
  /// Lines at which no single edit mended anything, by file.
  ///
  /// Of a search in which none did anywhere, or that did not try them all, this says nothing.
  fileprivate var cleared: [String: [Int]] {
    let helpful = trials.filter { $0.base.number == 0 && $0.edits.count == 1 }.flatMap(\.edits)
    guard hasAllSingles, !helpful.isEmpty else { return [:] }
    return suspicion.reduce(into: [:]) { result, file in
      let lines = file.value.keys.filter { line in
        !helpful.contains { edit in
          edit.path == file.key
            && (edit.range.start.line...edit.range.end.line).contains(line)
        }
      }
      result[file.key] = lines.isEmpty ? nil : lines.sorted()
    }
  }
}
