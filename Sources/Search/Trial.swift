public import HealingModel

/// One state of the program from which edits are tried.
public struct SearchBase: Sendable, Hashable {
  /// Its number; 0 is the state that the search was opened on.
  public var number: Int
  /// The number of edits that led to it.
  public var depth: Int
  /// How far it gets by itself.
  public var progress: Int

  /// Makes a base.
  public init(number: Int, depth: Int, progress: Int) {
    self.number = number
    self.depth = depth
    self.progress = progress
  }
}

/// A candidate as changes of text.
public struct Rendering: Sendable, Hashable {
  /// The changes, which leave everything else as it is.
  public var edits: [Edit]
  /// What each of the candidate's own edits does, in a sentence.
  public var sentences: [String]

  /// Makes a rendering.
  public init(edits: [Edit], sentences: [String]) {
    self.edits = edits
    self.sentences = sentences
  }
}

/// A candidate of the search with what its evaluation showed.
public struct Trial: Sendable, Hashable {
  /// The base that its edits refer to.
  public var base: SearchBase
  /// Its edits.
  public var edits: [SearchEdit]
  /// How promising it was before it ran; of several edits, the least of theirs.
  public var score: Double
  /// What its evaluation showed.
  public var evaluation: Evaluation

  /// Makes a trial.
  public init(base: SearchBase, edits: [SearchEdit], score: Double, evaluation: Evaluation) {
    self.base = base
    self.edits = edits
    self.score = score
    self.evaluation = evaluation
  }

  /// The numbers of its edits.
  public var ids: [Int] { edits.map(\.id) }

  /// The kinds of its edits.
  public var kinds: [String] { edits.map(\.kind) }

  /// Whether one of its edits can hide a failure without mending its cause.
  public var suppresses: Bool { kinds.contains(where: EditOrder.suppresses) }

  /// The number of edits from the state that the search was opened on.
  public var depth: Int { base.depth + edits.count }

  /// How likely its edits are by their kinds and places, from 0 to 1: evened out over their number.
  public var likelihood: Double { max(0, score).squareRoot().squareRoot() }

  /// How much further than its base it gets.
  public var gain: Int { evaluation.progress - base.progress }

  /// Whether it gets further than its base: more tests pass, or the program comes closer.
  public var advances: Bool {
    switch evaluation.status {
    case .partial: true
    case .failed: gain > 0
    case .passed, .invalid, .exhausted, .duplicate, .impure, .died, .notRun: false
    }
  }

  /// Its text edits as a patch that says of each why it is there.
  ///
  /// - Parameter rendering: The text edits of the whole trial, and what each edit of the trial does.
  /// - Returns: The same, each with what the edits of the trial at its place do; of one that stands
  ///   at none of their places, such as an import at the top, all may be the reason.
  public func explained(_ rendering: Rendering) -> Patch {
    let told = Array(zip(edits, rendering.sentences))
    return Patch(
      edits: rendering.edits.map { edit in
        let near = told.filter {
          $0.0.path == edit.path && $0.0.range.sharesLine(with: edit.range)
        }
        var explained = edit
        explained.reason = (near.isEmpty ? told : near).map(\.1).joined(separator: "; ")
        return explained
      }
    )
  }

  /// Whether it comes before another of equal merit: by promise, then by where it stands.
  public func precedes(_ other: Trial) -> Bool {
    if score != other.score { return score > other.score }
    return (base.number, ids.first ?? 0, ids.last ?? 0)
      < (other.base.number, other.ids.first ?? 0, other.ids.last ?? 0)
  }
}
