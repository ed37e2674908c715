import Healing
import HealingModel

/// The agents that an adapter starts.
extension PythonAdapter {
  /// The agent that reads texts and watches runs; it starts when it is first asked.
  func agent() async throws -> AgentClient {
    if let analysis { return analysis }
    let start = start()
    do {
      let agent = try await withTaskCancellationHandler {
        try await start.value
      } onCancel: {
        start.cancel()
      }
      if starting == start { (analysis, starting) = (agent, nil) }
      return agent
    } catch {
      if starting == start { starting = nil }
      throw error
    }
  }

  /// The start of an agent that is under way; those who ask meanwhile wait for the same one.
  func start() -> Task<AgentClient, any Error> {
    if let starting { return starting }
    let start = Task { try await self.startAgent() }
    starting = start
    return start
  }

  /// Lets the agent run the program; nil when the program ended the agent with itself.
  ///
  /// A signal does that, or a cap of the sandbox that both live in. The next request finds a new
  /// agent.
  func surviving<Reply>(
    _ work: (AgentClient) async throws -> Reply
  ) async throws -> Reply? {
    let client = try await agent()
    do {
      return try await work(client)
    } catch let error as AgentError where error.isEnd {
      if analysis === client { analysis = nil }
      await client.close()
      return nil
    }
  }

  func startAgent() async throws -> AgentClient {
    var limits = setup.limits
    limits.wall = 24 * 3600
    limits.cpu = 24 * 3600
    let command = ChildCommand(
      argv: [setup.interpreter.path, setup.installation.entry, "--in", "{in}", "--out", "{out}"]
        + ["--root", setup.program.argument(".")],
      environment: setup.environment.merging(
        ["PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "\(Self.hashSeed)"]
      ) { $1 },
      workingFolder: setup.program.workingFolder,
      readable: [setup.installation.folder],
      limits: limits
    )
    return try await AgentClient(over: try await setup.processes.open(command))
  }
}
