import HealingModel

/// One way in which the programs of a set are healed.
struct BenchConfiguration: Sendable, Hashable, Codable {
  /// The language model; nil for none.
  var model: String?
  /// What is left out, by the names of ``Ablation``, in a fixed order.
  var without: [String]

  /// Makes a configuration.
  init(model: String?, without: Ablation = Ablation()) {
    self.model = model
    self.without = without.description.split(separator: ",").map(String.init)
  }

  /// What a person reads.
  var name: String {
    ([model ?? "no model"] + without.map { "without \($0)" }).joined(separator: ", ")
  }

  /// The name of its file of rows, without the ending.
  var fileName: String {
    let words = name.lowercased().replacing(", ", with: "-")
    let safe = words.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
    // Names of models differ in what no file's name may hold.
    return "\(String(safe).prefix(80))-\(sha256(name.utf8).prefix(6))"
  }

  /// The parts of heal that may be left out in a measurement.
  static let switches: [Ablation.Technique] = [.hints, .bank, .search, .model]

  /// The configurations that a command line asks for.
  ///
  /// - Parameters:
  ///   - models: The models; none for healing without one.
  ///   - without: What is left out.
  ///   - isMatrix: Whether each of those is left out alone, beside a whole run, rather than all at
  ///     once in one run; with nothing named, each switch that there is.
  ///   - hasBank: Whether sessions have a bank that is not empty.
  /// - Returns: The configurations; the first is what the others are compared with.
  /// - Throws: `CommandError.usage` where a switch changes nothing.
  static func all(
    models: [String],
    without: [Ablation.Technique],
    isMatrix: Bool,
    hasBank: Bool = true
  ) throws(CommandError) -> [BenchConfiguration] {
    if models.isEmpty, let idle = without.first(where: { [.hints, .model].contains($0) }) {
      throw .usage("--without \(idle.rawValue) changes nothing where no model is asked")
    }
    let all = switches.filter { hasBank || $0 != .bank }
    let named = without.isEmpty && isMatrix ? all : without
    let parts = named.filter { !models.isEmpty || ![.hints, .model].contains($0) }
    let sets: [Set<Ablation.Technique>] =
      isMatrix ? [[]] + parts.map { [$0] } : [Set(parts)]
    let asked: [String?] = models.isEmpty ? [nil] : models
    var found: [BenchConfiguration] = []
    for model in asked {
      for techniques in sets {
        // Without its model a configuration is the same for all of them.
        let isWithout = techniques.contains(.model)
        let one = BenchConfiguration(
          model: isWithout ? nil : model,
          without: Ablation(techniques: isWithout ? techniques.subtracting([.hints]) : techniques)
        )
        if !found.contains(one) { found.append(one) }
      }
    }
    return found
  }
}
