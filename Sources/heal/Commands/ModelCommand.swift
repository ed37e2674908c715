import ArgumentParser

/// `heal model`: lists the servers and models that can be used.
struct ModelCommand: HealCommand {
  static let configuration = CommandConfiguration(
    commandName: "model",
    abstract: "List language models that can be used.",
    discussion: """
      Without --base-url, servers on the usual ports of this machine are looked for: LM Studio \
      1234, Ollama 11434, llama.cpp 8080, vLLM 8000. Keys are taken from HEAL_API_KEY, a file that \
      only you can read (HEAL_API_KEY_FILE), or OPENAI_API_KEY. Status 3 when there is no model.
      """
  )

  @Option(help: ArgumentHelp("A model to use, as NAME or NAME@URL.", valueName: "name"))
  var model: [String] = []

  @Option(
    name: .customLong("base-url"),
    help: ArgumentHelp("The address of the model's server.", valueName: "url")
  )
  var baseURL: String?

  @Flag(help: "Print one JSON object.")
  var json = false

  var answersJSON: Bool { json }

  func execute(in context: Context) async throws -> ExitStatus {
    var settings = try Settings.layered(root: nil, in: context)
    if !model.isEmpty {
      try settings.set(.model, to: .array(model.map(JSON.string)), source: "--model")
    }
    if let baseURL { try settings.set(.baseURL, to: .string(baseURL), source: "--base-url") }
    let link = try context.ports(context).models()
    let result: Result<ModelListing, any Error>
    do {
      result = .success(try await ModelListing(settings, over: link))
    } catch {
      result = .failure(error)
    }
    await link.close()
    let listing = try result.get()
    context.console.out(json ? "\(listing.json)\n" : listing.text(style: context.console.style))
    guard let error = listing.error else { return .fine }
    context.console.err("heal: \(printable(error.description))\n")
    return error.exitStatus
  }

  func failure(_ error: CommandError) -> JSON {
    ["schema": 1, "servers": [], "used": nil, "next": [], "error": error.json]
  }
}
