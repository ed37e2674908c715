import ArgumentParser

/// Where the program lies and how it is run.
struct ProgramOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The interpreter to use.", valueName: "path"))
  var python: String?

  @Flag(name: .customLong("no-sandbox"), help: "Run the program without any confinement.")
  var noSandbox = false

  @Option(
    help: ArgumentHelp(
      "The program's folder, when the one found is too large.",
      valueName: "folder"
    )
  )
  var root: String?

  @Flag(help: "Let the program reach the network.")
  var allowNetwork = false

  @Option(help: ArgumentHelp("Let the program write there; can be repeated.", valueName: "path"))
  var allowWrite: [String] = []

  @Option(
    help: ArgumentHelp("Let the program see this variable; can be repeated.", valueName: "name")
  )
  var allowEnv: [String] = []
}

/// How long and with what is searched, and what becomes of the repair.
struct HealingOptions: ParsableArguments {
  @Flag(help: "Write the repair into the files without asking.")
  var apply = false

  @Flag(help: "Print one JSON object on standard output; never ask.")
  var json = false

  @Option(help: ArgumentHelp("From start to end (default: 60).", valueName: "seconds"))
  var budget: Double?

  @Option(
    help: ArgumentHelp("Evaluate at most this many candidates.", valueName: "count")
  )
  var budgetEvaluations: Int?

  @Option(help: ArgumentHelp("Evaluations side by side (default: one per core).", valueName: "n"))
  var jobs: Int?

  @Option(help: ArgumentHelp("The seed of everything random (default: 0).", valueName: "n"))
  var seed: Int?

  @Flag(name: .customLong("no-bank"), help: "Use no earlier repairs, and keep none.")
  var noBank = false

  @Flag(name: .customLong("no-model"), help: "Use no language model, whatever is configured.")
  var noModel = false

  @Option(
    help: ArgumentHelp(
      "A language model to ask beside the search, as NAME or NAME@URL; given again, the next one is "
        + "asked when those before have said what they could.",
      valueName: "name"
    )
  )
  var model: [String] = []

  @Option(
    name: .customLong("base-url"),
    help: ArgumentHelp("The address of the model's server.", valueName: "url")
  )
  var baseURL: String?

  @Flag(help: "Let a model that is not on this machine be shown the program.")
  var allowRemoteModel = false

  @Option(
    help: ArgumentHelp("The most tokens that models may generate in all.", valueName: "count")
  )
  var modelTokens: Int?
}

extension Settings {
  /// Lets the options of the program win over everything else.
  mutating func apply(_ options: ProgramOptions, in context: Context) throws(CommandError) {
    if let python = options.python {
      guard !python.isEmpty else { throw .usage("--python needs a path") }
      self.python = python.contains("/") ? absolutePath(python, from: context.folder) : python
    }
    if options.noSandbox { sandbox = .none }
    if options.allowNetwork { allowNetwork = true }
    allowWrite += options.allowWrite
    allowWrite = allowWrite.map { absolutePath($0, from: context.folder) }
    allowEnv += options.allowEnv
    root = options.root
  }

  /// Lets the options of the healing win over everything else.
  mutating func apply(_ options: HealingOptions) throws(CommandError) {
    if let value = options.budget { try set(.budget, to: .number(value), source: "--budget") }
    if let value = options.budgetEvaluations {
      try set(.budgetEvaluations, to: .integer(value), source: "--budget-evaluations")
    }
    if let value = options.jobs { try set(.jobs, to: .integer(value), source: "--jobs") }
    if let value = options.seed { try set(.seed, to: .integer(value), source: "--seed") }
    if !options.model.isEmpty {
      try set(.model, to: .array(options.model.map(JSON.string)), source: "--model")
    }
    if let value = options.modelTokens {
      try set(.modelTokens, to: .integer(value), source: "--model-tokens")
    }
    if let value = options.baseURL { try set(.baseURL, to: .string(value), source: "--base-url") }
    if options.allowRemoteModel { allowRemoteModel = true }
    if options.noBank { usesBank = false }
    guard options.noModel else { return }
    guard options.model.isEmpty, options.baseURL == nil else {
      throw .usage("--no-model does not go with --model or --base-url")
    }
    (models, baseURL) = ([], nil)
  }
}
