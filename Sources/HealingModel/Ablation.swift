/// Techniques of the search that are switched off, so that what each contributes can be measured.
///
/// Its text form is a list separated by commas: names of ``Technique``, and `kind:` followed by a
/// kind of edit or by what its name begins with up to a dot.
public struct Ablation: Sendable, Hashable, CustomStringConvertible {
  /// A part of the engine that can be left out.
  public enum Technique: String, Sendable, Hashable, CaseIterable {
    /// How close wrong values come: without it only a test that passes is progress.
    case closeness
    /// Edits that each get further, put together.
    case combine
    /// Two edits of which neither alone need get further.
    case pairs
    /// Edits on top of states that get further.
    case climb
    /// Going on after the first plausible candidate.
    case rivals
    /// What repairs that pass answer to inputs that grow from those of the tests.
    case comparison
    /// The same change in like statements of other functions.
    case twins
    /// Suspicion by line: without it every line that a failing test ran is like any other.
    case localisation
    /// The likelihood of each kind of edit: without it every kind is like any other.
    case priors
    /// The fixes that the diagnosis proposes.
    case findings
    /// What earlier sessions found out about candidates.
    case cache
    /// Verified repairs of earlier sessions: as candidates, as examples for models, and for what they
    /// say of the likelihood of each kind of edit.
    case bank
    /// The search over edits: without it findings' fixes and the model's answers are left.
    case search
    /// A language model, whatever is configured.
    case model
    /// What is told to a language model of the bugs that were found.
    case hints
  }

  /// The parts that are left out.
  public var techniques: Set<Technique>
  /// The kinds of edits that are left out, or what their names begin with up to a dot.
  public var kinds: Set<String>

  /// Leaves out what is named.
  public init(techniques: Set<Technique> = [], kinds: Set<String> = []) {
    self.techniques = techniques
    self.kinds = kinds
  }

  /// Reads the text form.
  ///
  /// - Parameter text: A list separated by commas; empty parts are passed over.
  /// - Throws: ``UnknownTechnique`` for a name that is none.
  public init(parsing text: String) throws(UnknownTechnique) {
    self.init()
    for part in text.split(separator: ",") {
      let name = part.filter { !$0.isWhitespace }
      if name.hasPrefix("kind:"), name != "kind:" {
        kinds.insert(String(name.dropFirst("kind:".count)))
      } else if let technique = Technique(rawValue: name) {
        techniques.insert(technique)
      } else if !name.isEmpty {
        throw UnknownTechnique(name: name)
      }
    }
  }

  /// A name in the text form that is no technique.
  public struct UnknownTechnique: Error, Hashable, CustomStringConvertible {
    /// The name.
    public let name: String
    /// What is wrong, with the names that there are.
    public var description: String {
      let known = Technique.allCases.map(\.rawValue).joined(separator: ", ")
      return "`\(name)` is no technique of the search; there are \(known), and kind:NAME"
    }
  }

  /// Whether nothing is left out.
  public var isEmpty: Bool { techniques.isEmpty && kinds.isEmpty }

  /// The text form, in a fixed order.
  public var description: String {
    let parts =
      Technique.allCases.filter(techniques.contains).map(\.rawValue)
      + kinds.sorted().map { "kind:\($0)" }
    return parts.joined(separator: ",")
  }

  /// Whether a part of the engine is at work.
  public func uses(_ technique: Technique) -> Bool { !techniques.contains(technique) }
}
