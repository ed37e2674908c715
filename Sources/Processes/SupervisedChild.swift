import CProcess
import HealingModel
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What the supervisor said at the end.
struct SupervisorReport: Sendable, Hashable {
  /// `none`, or the limit that was reached, or `asked`, `setup`, `lost`.
  var reason: String
  var exit: Exit
  var cpu: Double
  var peakMemory: Int
  var wall: Double
  /// Why the sandbox could not start the program, or empty.
  var failure: String

  /// Reads the supervisor's one line; nil when it died without a word.
  init?(_ line: String) {
    let fields = line.split(separator: " ", maxSplits: 6, omittingEmptySubsequences: false)
    guard fields.count == 7, let status = Int(fields[1]), let cpu = Double(fields[2]),
      let peak = Int(fields[3]), let wall = Int(fields[4])
    else { return nil }
    let signal = status & 0x7F
    let wasReported = fields[5] == "1"
    reason = String(fields[0])
    exit = !wasReported ? .signal(9) : signal == 0 ? .code(status >> 8 & 0xFF) : .signal(signal)
    self.cpu = cpu
    peakMemory = peak * 1024
    self.wall = Double(wall) / 1000
    failure = fields[6].split(separator: "\n").first.map(String.init) ?? ""
  }

  /// The stop in the words of the model.
  var stop: Stop {
    switch reason {
    case "none": .finished
    case "wall": .hang
    case "cpu": .endlessLoop
    case "memory": .memory
    case "processes": .processes
    case "fileSize": .output
    default: .killed
    }
  }
}

/// A child under a supervisor, with the socket whose end is the child's end.
final class SupervisedChild: Sendable {
  private let control: Descriptor
  private let supervisor: pid_t

  /// Starts a supervisor.
  ///
  /// - Parameters:
  ///   - launcher: The launcher.
  ///   - arguments: What follows `supervise`.
  ///   - environment: The whole environment of the child.
  ///   - descriptors: Pairs of a descriptor here and its number in the child.
  /// - Throws: ``SandboxError`` when the launcher does not start.
  init(
    launcher: Launcher,
    arguments: [String],
    environment: [String: String],
    descriptors: [(Descriptor, Int32)]
  ) throws {
    let (ours, theirs) = try makeSocketPair()
    control = ours
    supervisor = try launcher.spawn(
      arguments: ["supervise"] + arguments,
      environment: environment,
      descriptors: descriptors.map { ($0.0.number, $0.1) }
        + [(theirs.number, Launcher.controlDescriptor)]
    )
  }

  /// The descriptor that becomes readable when the supervisor has something to say.
  var controlNumber: Int32 { control.number }

  /// Asks the supervisor to kill everything; returns at once.
  func kill() { control.whileOpen { _ = shutdown($0, Int32(SHUT_WR)) } }

  /// Waits for the supervisor's report and its end.
  ///
  /// Blocks; to be called once.
  func finish() -> SupervisorReport? {
    var text: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1024)
    while true {
      let got = read(control.number, &buffer, buffer.count)
      if got < 0, errno == EINTR { continue }
      guard got > 0 else { break }
      text += buffer[..<got]
    }
    control.close()
    cprocess_reap(supervisor)
    return SupervisorReport(String(decoding: text, as: UTF8.self))
  }
}
