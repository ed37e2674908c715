import Dispatch
import Healing
import HealingModel
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A long-lived child with a pipe in each direction.
///
/// Reading and writing wait on threads of their own. What a read left behind when its time was over
/// stays for the next one.
final class LiveChannel: ChildChannel {
  private let child: SupervisedChild
  private let copy: ProgramCopy
  private let toChild: Descriptor
  private let fromChild: Descriptor
  private let errors: ErrorTail
  private let readWake: (read: Descriptor, write: Descriptor)
  private let writeWake: (read: Descriptor, write: Descriptor)
  private let readQueue = DispatchQueue(label: "heal.channel.read")
  private let writeQueue = DispatchQueue(label: "heal.channel.write")
  private let pending = Mutex<[UInt8]>([])
  private let isClosed = Mutex(false)

  init(
    _ command: ChildCommand,
    copy: ProgramCopy,
    work: WorkFolder,
    sandbox: Sandbox,
    policy: SandboxPolicy
  ) throws {
    let containment = sandbox.containment(copy, policy)
    let arguments = containment.arguments(
      for: command,
      launcher: sandbox.launcher,
      channel: true,
      lock: work.path + "/lock"
    )
    let (down, up, error) = (try makePipe(), try makePipe(), try makePipe())
    let number = open("/dev/null", O_RDWR | O_CLOEXEC)
    guard number >= 0 else {
      throw SandboxError.file(path: "/dev/null", operation: "open", code: errno)
    }
    let null = Descriptor(number)
    child = try SupervisedChild(
      launcher: sandbox.launcher,
      arguments: arguments,
      environment: sandbox.variables(command, containment),
      descriptors: [
        (null, 0), (null, 1), (error.write, 2), (down.read, Launcher.channelInput),
        (up.write, Launcher.channelOutput),
      ]
    )
    [null, error.write, down.read, up.write].forEach { $0.close() }
    self.copy = copy
    toChild = down.write
    fromChild = up.read
    readWake = try makePipe()
    writeWake = try makePipe()
    for descriptor in [toChild, fromChild, error.read, readWake.read, writeWake.read] {
      setNonblocking(descriptor)
    }
    errors = ErrorTail(error.read)
  }

  func write(_ bytes: [UInt8]) async throws {
    try await cancellable(writeQueue, wake: writeWake) { [self] isCancelled in
      var rest = bytes[...]
      while !rest.isEmpty {
        let wrote = rest.withUnsafeBytes { Glibc.write(toChild.number, $0.baseAddress, $0.count) }
        if wrote > 0 {
          rest = rest.dropFirst(wrote)
        } else if errno == EAGAIN {
          try wait(toChild, POLLOUT, writeWake.read, until: nil, isCancelled)
        } else if errno != EINTR {
          throw ChannelError.ended
        }
      }
    }
  }

  func read(exactly count: Int, within seconds: Double?) async throws -> [UInt8] {
    let deadline = seconds.map { ContinuousClock.now + .seconds($0) }
    return try await cancellable(readQueue, wake: readWake) { [self] isCancelled in
      var bytes = pending.withLock { kept in
        defer { kept = [] }
        return kept
      }
      do {
        try fill(&bytes, to: count, until: deadline, isCancelled)
      } catch {
        pending.withLock { $0 = bytes }
        throw error
      }
      pending.withLock { $0 = Array(bytes[count...]) }
      return Array(bytes[..<count])
    }
  }

  private func fill(
    _ bytes: inout [UInt8],
    to count: Int,
    until deadline: ContinuousClock.Instant?,
    _ isCancelled: Flag
  ) throws {
    var have = bytes.count
    guard have < count else { return }
    bytes.append(contentsOf: repeatElement(0, count: count - have))
    defer { bytes.removeLast(bytes.count - max(have, min(have, count))) }
    while have < count {
      let got = bytes.withUnsafeMutableBytes { buffer in
        let free = UnsafeMutableRawBufferPointer(rebasing: buffer[have...])
        return Glibc.read(fromChild.number, free.baseAddress, free.count)
      }
      if got > 0 {
        have += got
      } else if got < 0, errno == EAGAIN {
        try wait(fromChild, POLLIN, readWake.read, until: deadline, isCancelled)
      } else if got == 0 || errno != EINTR {
        throw ChannelError.ended
      }
    }
  }

  /// Waits until the descriptor is ready, the time is over or the task is cancelled.
  private func wait(
    _ descriptor: Descriptor,
    _ events: Int32,
    _ wake: Descriptor,
    until deadline: ContinuousClock.Instant?,
    _ isCancelled: Flag
  ) throws {
    if isCancelled.isSet { throw CancellationError() }
    if isClosed.withLock({ $0 }) { throw ChannelError.ended }
    var left: Int32 = -1
    if let deadline {
      let rest = (deadline - .now) / .milliseconds(1)
      guard rest > 0 else { throw ChannelError.timedOut }
      left = Int32(min(rest.rounded(.up), 1e9))
    }
    var waits = [
      pollfd(fd: descriptor.number, events: Int16(events), revents: 0),
      pollfd(fd: wake.number, events: Int16(POLLIN), revents: 0),
    ]
    guard poll(&waits, 2, left) > 0, waits[1].revents != 0 else { return }
    var drained = [UInt8](repeating: 0, count: 64)
    _ = Glibc.read(wake.number, &drained, drained.count)
    if isCancelled.isSet { throw CancellationError() }
  }

  /// Runs blocking work on a queue; a cancelled task wakes it.
  private func cancellable<Result: Sendable>(
    _ queue: DispatchQueue,
    wake: (read: Descriptor, write: Descriptor),
    _ work: @escaping @Sendable (Flag) throws -> Result
  ) async throws -> Result {
    let isCancelled = Flag()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        queue.async {
          continuation.resume(
            with: Swift.Result {
              if isCancelled.isSet { throw CancellationError() }
              return try work(isCancelled)
            }
          )
        }
      }
    } onCancel: {
      isCancelled.set()
      Self.ring(wake.write)
    }
  }

  private static func ring(_ wake: Descriptor) {
    wake.whileOpen { number in
      var byte: UInt8 = 1
      _ = Glibc.write(number, &byte, 1)
    }
  }

  func standardError() async -> String { errors.text }

  func close() async {
    let isFirst = isClosed.withLock { closed in
      defer { closed = true }
      return !closed
    }
    guard isFirst else { return }
    child.kill()
    Self.ring(readWake.write)
    Self.ring(writeWake.write)
    let (child, copy) = (child, copy)
    _ = try? await offCooperativePool("close") {
      _ = child.finish()
      copy.remove()
    }
    errors.stop()
  }
}

/// A flag that another thread sets.
final class Flag: Sendable {
  private let value = Mutex(false)
  var isSet: Bool { value.withLock { $0 } }
  func set() { value.withLock { $0 = true } }
}

/// The last bytes of a child's standard error, read as they come.
private final class ErrorTail: Sendable {
  private let collector = Mutex(OutputCollector())
  // Safe: a source may be cancelled from any thread, and nothing else is asked of it.
  nonisolated(unsafe) private let source: any DispatchSourceRead

  init(_ descriptor: Descriptor) {
    source = DispatchSource.makeReadSource(
      fileDescriptor: descriptor.number,
      queue: DispatchQueue(label: "heal.channel.error")
    )
    source.setEventHandler { [weak self] in self?.take(descriptor) }
    source.setCancelHandler { descriptor.close() }
    source.activate()
  }

  deinit { source.cancel() }

  private func take(_ descriptor: Descriptor) {
    var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    let got = read(descriptor.number, &buffer, buffer.count)
    if got > 0 {
      buffer.withUnsafeBytes { bytes in
        let fresh = UnsafeRawBufferPointer(rebasing: bytes[..<got])
        collector.withLock { $0.append(fresh) }
      }
    } else if got == 0 || (errno != EAGAIN && errno != EINTR) {
      source.cancel()
    }
  }

  var text: String { collector.withLock { $0.text.text } }

  func stop() { source.cancel() }
}
