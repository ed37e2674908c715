public import HealingModel

/// How a language adapter starts processes; `Processes` provides the live one.
public struct ProcessPort: Sendable {
  /// Runs a command in a fresh private copy of the program and waits for its end.
  public var run: @Sendable (ChildCommand) async throws -> ChildResult
  /// Starts a long-lived child in a private copy of its own.
  public var open: @Sendable (ChildCommand) async throws -> any ChildChannel
  /// Runs a command of ours, never the program's, outside of the sandbox, such as the question to
  /// an interpreter what it is; the environment is the one given and no other.
  public var runTrusted:
    @Sendable (_ argv: [String], _ environment: [String: String]) async throws -> ChildResult
  /// The mechanism in force, and the protections that it cannot give here.
  public var sandbox: SandboxReport

  /// Makes a port.
  public init(
    run: @escaping @Sendable (ChildCommand) async throws -> ChildResult,
    open: @escaping @Sendable (ChildCommand) async throws -> any ChildChannel,
    runTrusted:
      @escaping @Sendable (_ argv: [String], _ environment: [String: String]) async throws
      -> ChildResult,
    sandbox: SandboxReport
  ) {
    self.run = run
    self.open = open
    self.runTrusted = runTrusted
    self.sandbox = sandbox
  }
}

/// The sandbox that is in force.
public struct SandboxReport: Sendable, Hashable, Codable {
  /// The mechanism's name, such as `bwrap`.
  public var mechanism: String
  /// The protections that it cannot give here, each in a few words.
  public var missing: [String]
  /// Whether the copy stands at the program's own path; else it runs at another one.
  public var mountsProgram: Bool
  /// Whether programs reach the network.
  public var allowsNetwork: Bool
  /// The names of the user's variables that programs do not see.
  public var withheld: [String]

  /// Makes a report.
  public init(
    mechanism: String,
    missing: [String],
    mountsProgram: Bool = true,
    allowsNetwork: Bool = false,
    withheld: [String] = []
  ) {
    self.mechanism = mechanism
    self.missing = missing
    self.mountsProgram = mountsProgram
    self.allowsNetwork = allowsNetwork
    self.withheld = withheld
  }
}

/// What is run in the sandbox.
public struct ChildCommand: Sendable, Hashable {
  /// The executable's absolute path and its arguments.
  public var argv: [String]
  /// Variables beside the scrubbed environment.
  public var environment: [String: String]
  /// The folder in which it starts, relative to the program's root.
  public var workingFolder: String
  /// What it reads.
  public var input: [UInt8]
  /// Files of the program that differ from the user's, as bytes by relative path.
  public var overlay: [String: [UInt8]]
  /// Folders outside the program that it must be able to read, such as that of the agent.
  public var readable: [String]
  /// Relative paths of the copy to read after the run, such as a report's.
  public var collect: [String]
  /// What it may use up.
  public var limits: ChildLimits

  /// Makes a command.
  public init(
    argv: [String],
    environment: [String: String] = [:],
    workingFolder: String = "",
    input: [UInt8] = [],
    overlay: [String: [UInt8]] = [:],
    readable: [String] = [],
    collect: [String] = [],
    limits: ChildLimits = ChildLimits()
  ) {
    self.argv = argv
    self.environment = environment
    self.workingFolder = workingFolder
    self.input = input
    self.overlay = overlay
    self.readable = readable
    self.collect = collect
    self.limits = limits
  }
}

/// What a child may use up; the whole process group is killed at a limit.
public struct ChildLimits: Sendable, Hashable, Codable {
  /// Elapsed seconds.
  public var wall: Double
  /// CPU seconds of a process.
  public var cpu: Double
  /// Bytes of address space of a process.
  public var memory: Int
  /// Bytes of output, after which it is killed.
  public var output: Int
  /// Processes and threads at one time.
  public var processes: Int

  /// Makes limits.
  public init(
    wall: Double = 30,
    cpu: Double = 30,
    memory: Int = 4 << 30,
    output: Int = 256 << 20,
    processes: Int = 256
  ) {
    self.wall = wall
    self.cpu = cpu
    self.memory = memory
    self.output = output
    self.processes = processes
  }
}

/// How a child ended, and what it left.
public struct ChildResult: Sendable, Hashable {
  /// How it ended.
  public var exit: Exit
  /// Why it stopped; a child that used up its wall time is a `hang` here.
  public var stop: Stop
  /// Standard output.
  public var stdout: BoundedText
  /// Standard error.
  public var stderr: BoundedText
  /// Elapsed seconds.
  public var wall: Double
  /// CPU seconds of it and its children.
  public var cpu: Double
  /// Peak memory in bytes.
  public var peakMemory: Int
  /// The bytes of the collected files that were there, by relative path.
  public var collected: [String: [UInt8]]

  /// Makes a result.
  public init(
    exit: Exit,
    stop: Stop,
    stdout: BoundedText,
    stderr: BoundedText,
    wall: Double,
    cpu: Double,
    peakMemory: Int,
    collected: [String: [UInt8]] = [:]
  ) {
    self.exit = exit
    self.stop = stop
    self.stdout = stdout
    self.stderr = stderr
    self.wall = wall
    self.cpu = cpu
    self.peakMemory = peakMemory
    self.collected = collected
  }
}

/// The control connection to a long-lived child; one user at a time.
public protocol ChildChannel: Sendable {
  /// Writes all bytes, or throws when the child is gone.
  func write(_ bytes: [UInt8]) async throws
  /// Reads exactly `count` bytes.
  ///
  /// - Parameters:
  ///   - count: The number of bytes.
  ///   - seconds: The time to wait for them, or nil for no bound.
  /// - Returns: The bytes.
  /// - Throws: ``ChannelError`` at the end of the stream or of the time; cancellation ends it too.
  func read(exactly count: Int, within seconds: Double?) async throws -> [UInt8]
  /// The last bytes that the child wrote to standard error.
  func standardError() async -> String
  /// Kills the child with all its descendants and removes its copy.
  func close() async
}

/// Why a channel gave nothing.
public enum ChannelError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The child closed its end or died.
  case ended
  /// The time was over.
  case timedOut

  /// What happened, in a sentence.
  public var description: String {
    switch self {
    case .ended: "the child process ended"
    case .timedOut: "the child process did not answer in time"
    }
  }
}
