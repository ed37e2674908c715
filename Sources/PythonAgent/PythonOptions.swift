/// What a user may choose about the interpreter and the surroundings of the program.
public struct PythonOptions: Sendable {
  /// The interpreter asked for, or nil to find one.
  public var interpreter: String?
  /// The environment of the tool.
  public var environment: [String: String]
  /// The seed of everything random.
  public var seed: UInt64
  /// Agents that evaluate side by side.
  public var jobs: Int
  /// The folder that holds the pinned ruff and ty, or nil when they are not installed.
  public var toolsFolder: String?

  /// Makes options.
  public init(
    interpreter: String? = nil,
    environment: [String: String] = [:],
    seed: UInt64 = 1,
    jobs: Int = 2,
    toolsFolder: String? = nil
  ) {
    self.interpreter = interpreter
    self.environment = environment
    self.seed = seed
    self.jobs = max(1, jobs)
    self.toolsFolder = toolsFolder
  }
}
