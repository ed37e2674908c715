public import Healing
import HealingModel
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension Sandbox {
  func containment(_ copy: ProgramCopy, _ policy: SandboxPolicy) -> Containment {
    Containment(
      mechanism: mechanism,
      policy: policy,
      copy: copy,
      bubblewrap: bubblewrap,
      homes: homes
    )
  }

  func variables(_ command: ChildCommand, _ containment: Containment) -> [String: String] {
    if mechanism == .none {
      return environment.merging(command.environment) { _, command in command }
    }
    return ScrubbedEnvironment(
      user: environment,
      named: containment.policy.environmentNames,
      own: command.environment,
      scratch: containment.scratch
    ).variables
  }

  /// The report, with what this policy leaves out.
  func report(under policy: SandboxPolicy) -> SandboxReport {
    var report = report
    report.allowsNetwork = policy.allowsNetwork || mechanism == .none
    guard mechanism != .none else { return report }
    let passed = ScrubbedEnvironment(
      user: environment,
      named: policy.environmentNames,
      own: [:],
      scratch: ""
    ).variables
    report.withheld = environment.keys.filter { passed[$0] == nil }.sorted()
    return report
  }

  /// Runs a command in a copy and waits for the end of all its processes.
  ///
  /// - Parameters:
  ///   - command: What to run; its overlay and collected files are the caller's business.
  ///   - copy: Where to run it.
  ///   - work: The folder that holds the copy.
  ///   - policy: What the user allows.
  /// - Returns: How it ended.
  /// - Throws: ``SandboxError/start(command:reason:)``, or `CancellationError` after a cancellation.
  func run(
    _ command: ChildCommand,
    in copy: ProgramCopy,
    of work: WorkFolder,
    policy: SandboxPolicy
  ) async throws -> ChildResult {
    try Task.checkCancellation()
    let containment = containment(copy, policy)
    let arguments = containment.arguments(
      for: command,
      launcher: launcher,
      channel: false,
      lock: work.path + "/lock"
    )
    return try await supervise(command, arguments, variables(command, containment))
  }

  /// Runs a command of ours outside of any sandbox, with the given environment and no other.
  ///
  /// - Parameters:
  ///   - argv: The executable's absolute path and its arguments.
  ///   - environment: The whole environment.
  /// - Returns: How it ended.
  /// - Throws: ``SandboxError/start(command:reason:)``, or `CancellationError` after a cancellation.
  func runTrusted(_ argv: [String], _ environment: [String: String]) async throws -> ChildResult {
    try await runTrusted(argv, environment: environment, in: "/", within: 30)
  }

  /// Runs a command of ours outside of any sandbox; all that it starts ends with it.
  ///
  /// - Parameters:
  ///   - argv: The executable's absolute path and its arguments.
  ///   - environment: The whole environment.
  ///   - folder: The folder in which it starts.
  ///   - seconds: The time after which it is killed.
  /// - Returns: How it ended.
  /// - Throws: ``SandboxError/start(command:reason:)``, or `CancellationError` after a cancellation.
  public func runTrusted(
    _ argv: [String],
    environment: [String: String],
    in folder: String,
    within seconds: Double
  ) async throws -> ChildResult {
    try Task.checkCancellation()
    let arguments = [
      "--wall-ms", "\(Int(seconds * 1000))", "--",
      launcher.path, "contain", "--directory", folder, "--",
    ]
    return try await supervise(ChildCommand(argv: argv), arguments + argv, environment)
  }

  private func supervise(
    _ command: ChildCommand,
    _ arguments: [String],
    _ environment: [String: String]
  ) async throws -> ChildResult {
    let (input, output, error) = (try makePipe(), try makePipe(), try makePipe())
    let child = try SupervisedChild(
      launcher: launcher,
      arguments: arguments,
      environment: environment,
      descriptors: [(input.read, 0), (output.write, 1), (error.write, 2)]
    )
    [input.read, output.write, error.write].forEach { $0.close() }
    return try await withTaskCancellationHandler {
      let result = try await offCooperativePool("run") {
        var pump = OutputPump(
          child: child,
          input: input.write,
          output: output.read,
          error: error.read,
          bytes: command.input,
          limit: command.limits.output
        )
        pump.run()
        return try pump.result(of: command)
      }
      try Task.checkCancellation()
      return result
    } onCancel: {
      child.kill()
    }
  }
}

/// Feeds a child and keeps what it writes until its supervisor reports its end.
private struct OutputPump: ~Copyable {
  private let child: SupervisedChild
  private let input: Descriptor
  private var rest: ArraySlice<UInt8>
  private let descriptors: [Descriptor]
  private var open = [true, true]
  private var collected = [OutputCollector(), OutputCollector()]
  private let limit: Int
  private var isOverLimit = false
  private var isOver = false
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 * 1024, alignment: 16)

  init(
    child: SupervisedChild,
    input: Descriptor,
    output: Descriptor,
    error: Descriptor,
    bytes: [UInt8],
    limit: Int
  ) {
    self.child = child
    self.input = input
    rest = bytes[...]
    descriptors = [output, error]
    self.limit = limit
    if bytes.isEmpty { input.close() }
    for descriptor in [input, output, error] { setNonblocking(descriptor) }
  }

  deinit { buffer.deallocate() }

  mutating func run() {
    while open[0] || open[1] || !isOver {
      var waits = [
        pollfd(fd: open[0] ? descriptors[0].number : -1, events: Int16(POLLIN), revents: 0),
        pollfd(fd: open[1] ? descriptors[1].number : -1, events: Int16(POLLIN), revents: 0),
        pollfd(fd: isOver ? -1 : child.controlNumber, events: Int16(POLLIN), revents: 0),
        pollfd(fd: rest.isEmpty ? -1 : input.number, events: Int16(POLLOUT), revents: 0),
      ]
      // After the end all writers are dead; the bound is for a pipe that somebody else holds.
      let ready = poll(&waits, nfds_t(waits.count), isOver ? 1000 : -1)
      if ready < 0, errno != EINTR { break }
      if ready == 0 { break }
      for index in 0...1 where waits[index].revents != 0 { take(index) }
      if waits[3].revents != 0 { feed() }
      if waits[2].revents != 0 {
        isOver = true
        rest = []
        input.close()
      }
    }
  }

  private mutating func take(_ index: Int) {
    let got = read(descriptors[index].number, buffer.baseAddress, buffer.count)
    if got > 0 {
      collected[index].append(UnsafeRawBufferPointer(rebasing: buffer[..<got]))
    } else if got == 0 || (errno != EAGAIN && errno != EINTR) {
      open[index] = false
    }
    if !isOverLimit, collected[0].total + collected[1].total > limit {
      isOverLimit = true
      child.kill()
    }
  }

  private mutating func feed() {
    let wrote = rest.withUnsafeBytes { write(input.number, $0.baseAddress, $0.count) }
    if wrote > 0 {
      rest = rest.dropFirst(wrote)
    } else if errno != EAGAIN, errno != EINTR {
      rest = []
    }
    if rest.isEmpty { input.close() }
  }

  consuming func result(of command: ChildCommand) throws -> ChildResult {
    guard let report = child.finish() else {
      throw SandboxError.start(
        command: command.argv.first ?? "",
        reason: "the supervisor ended without a report"
      )
    }
    if report.reason == "setup" || !report.failure.isEmpty {
      let said = report.failure.isEmpty ? collected[1].text.text : report.failure
      throw SandboxError.start(command: command.argv.first ?? "", reason: said)
    }
    return ChildResult(
      exit: report.exit,
      stop: isOverLimit ? .output : report.stop,
      stdout: collected[0].text,
      stderr: collected[1].text,
      wall: report.wall,
      cpu: report.cpu,
      peakMemory: report.peakMemory
    )
  }
}
