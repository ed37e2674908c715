/// How several versions of a program answer the same inputs; version 0 is the program as it was
/// found, the others are rival repairs.
public struct Comparison: Sendable, Hashable {
  /// One input, recorded from the tests or grown from such a one.
  public struct Input: Sendable, Hashable {
    /// The call as one would write it.
    public var text: String
    /// How large it is; comparable within one comparison.
    public var size: Int
    /// Steps from a call of the tests; 0 for one of theirs.
    public var grown: Int
    /// Whether it comes, or grew, from a test that passed from the start.
    public var passing: Bool

    /// Makes an input.
    public init(text: String, size: Int, grown: Int = 0, passing: Bool = false) {
      self.text = text
      self.size = size
      self.grown = grown
      self.passing = passing
    }
  }

  /// One answer.
  public struct Answer: Sendable, Hashable {
    /// How a call ended.
    public enum Kind: Int, Sendable, Hashable {
      /// With a value.
      case value = 0
      /// With nothing.
      case none
      /// With an exception.
      case raised
      /// Not within its steps.
      case endless
    }
    /// How the call ended.
    public var kind: Kind
    /// Whether it changed its arguments.
    public var changesArguments: Bool
    /// The answer in words, bounded and masked.
    public var text: String

    /// Makes an answer.
    public init(kind: Kind, changesArguments: Bool = false, text: String) {
      self.kind = kind
      self.changesArguments = changesArguments
      self.text = text
    }
  }

  /// The smallest input on which two versions differ, and what each of them answers.
  public struct Difference: Sendable, Hashable {
    /// The input.
    public var input: String
    /// What the first of the two answers, and what the second.
    public var answers: [String]
  }

  /// The inputs.
  public var inputs: [Input]
  /// The distinct answers to each input.
  public var answers: [[Answer]]
  /// Which of them each version gives, by input.
  public var outcomes: [[Int]]

  /// Makes a comparison; without inputs nothing is known.
  public init(inputs: [Input] = [], answers: [[Answer]] = [], outcomes: [[Int]] = []) {
    self.inputs = inputs
    self.answers = answers
    self.outcomes = outcomes
  }

  /// Whether anything was compared.
  public var isEmpty: Bool { inputs.isEmpty }

  /// What a version answers to an input.
  public func answer(of version: Int, to input: Int) -> Answer {
    answers[input][outcomes[input][version]]
  }

  /// The smallest input on which two versions differ; one to which both have an answer is preferred.
  public func difference(_ first: Int, _ second: Int) -> Difference? {
    let differing = inputs.indices.filter { outcomes[$0][first] != outcomes[$0][second] }
    let smallest = differing.min { lhs, rhs in
      let (left, right) = (failures([first, second], lhs), failures([first, second], rhs))
      if left != right { return left < right }
      let (a, b) = (inputs[lhs], inputs[rhs])
      return (a.size, a.text.utf8.count, a.text) < (b.size, b.text.utf8.count, b.text)
    }
    return smallest.map { input in
      Difference(
        input: inputs[input].text,
        answers: [first, second].map { answer(of: $0, to: input).text }
      )
    }
  }

  private func failures(_ versions: [Int], _ input: Int) -> Int {
    versions.count { [.raised, .endless].contains(answer(of: $0, to: input).kind) }
  }

  /// The number of the behaviour of each version: equal for those that answer everything alike.
  public func behaviours() -> [Int] {
    var known: [[Int]: Int] = [:]
    return (0..<(outcomes.first?.count ?? 0)).map { version in
      let row = outcomes.map { $0[version] }
      let number = known[row] ?? known.count
      known[row] = number
      return number
    }
  }

  /// The inputs on which a version fails, or has nothing, where a rival has a value.
  ///
  /// An input that most behaviours fail on, and the program as it was found too, is hardly one that
  /// the program is for: whoever answers it gains nothing by that.
  public func failures(of version: Int) -> Int {
    let behaviours = behaviours()
    let rivals = Set(
      behaviours.dropFirst().indices.filter { rival in
        !behaviours[1..<rival].contains(behaviours[rival])
      }
    )
    return inputs.indices.count { input in
      let own = merit(of: version, at: input)
      let better = rivals.count { merit(of: $0, at: input) > own }
      guard better > 0 else { return false }
      return 2 * better >= rivals.count || merit(of: 0, at: input) > own
    }
  }

  /// Nothing is less than a value, and to fail is less than nothing.
  private func merit(of version: Int, at input: Int) -> Int {
    switch answer(of: version, to: input).kind {
    case .value: 2
    case .none: 1
    case .raised, .endless: 0
    }
  }
}
