import CProcess
import Dispatch
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A trusted program of ours that reads lines and writes lines, outside of any sandbox.
///
/// It must end when its standard input does, so that it does not outlive a killed `heal`.
public final class LineProcess: Sendable {
  /// What the program writes, in pieces of any size; ends with the program.
  public let output: AsyncStream<[UInt8]>

  private let pid: pid_t
  private let input: Descriptor
  private let writeQueue = DispatchQueue(label: "heal.lines.write")
  private let reaped = Mutex(false)

  /// Starts a program that lies beside the running executable.
  ///
  /// - Parameters:
  ///   - name: The file's name.
  ///   - environment: The whole environment of the new process.
  /// - Returns: The process; nil when there is no such program.
  /// - Throws: ``SandboxError`` when it cannot be started.
  public static func beside(
    _ name: String,
    environment: [String: String]
  ) throws(SandboxError) -> LineProcess? {
    let path = Launcher.folderOfExecutable() + "/" + name
    guard access(path, X_OK) == 0 else { return nil }
    return try LineProcess(path, environment: environment)
  }

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - path: The program.
  ///   - environment: The whole environment of the new process.
  /// - Throws: ``SandboxError/start(command:reason:)``.
  public init(_ path: String, environment: [String: String]) throws(SandboxError) {
    let (down, up) = (try makePipe(), try makePipe())
    pid = try spawn(
      path,
      arguments: [],
      environment: environment,
      descriptors: [(down.read.number, 0), (up.write.number, 1), (STDERR_FILENO, 2)]
    )
    [down.read, up.write].forEach { $0.close() }
    input = down.write
    let reading = up.read
    output = AsyncStream { continuation in
      DispatchQueue(label: "heal.lines.read").async {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
          let count = read(reading.number, &buffer, buffer.count)
          if count < 0, errno == EINTR { continue }
          guard count > 0 else { break }
          continuation.yield(Array(buffer[..<count]))
        }
        reading.close()
        continuation.finish()
      }
    }
  }

  deinit { input.close() }

  /// Sends bytes; when the program is gone they are lost, which the end of ``output`` tells.
  public func send(_ bytes: [UInt8]) {
    writeQueue.async { [input] in
      input.whileOpen { number in
        var rest = bytes[...]
        while !rest.isEmpty {
          let count = rest.withUnsafeBytes { write(number, $0.baseAddress, $0.count) }
          if count < 0, errno == EINTR { continue }
          guard count > 0 else { return }
          rest = rest.dropFirst(count)
        }
      }
    }
  }

  /// Ends the program: its input ends, and when it does not end by that, it is killed.
  ///
  /// - Parameter seconds: How long it may take.
  public func close(within seconds: Double = 1) async {
    guard
      reaped.withLock({ reaped in
        defer { reaped = true }
        return !reaped
      })
    else { return }
    _ = try? await offCooperativePool("lines.close") { [input, pid] in
      input.close()
      for _ in 0..<max(1, Int(seconds * 100)) {
        if waitpid(pid, nil, WNOHANG) != 0 { return }
        usleep(10_000)
      }
      kill(pid, SIGKILL)
      waitpid(pid, nil, 0)
    }
  }
}
