import Foundation
import Healing
import Processes
import Testing

@Suite("a channel")
struct ChannelTests {
  /// Answers each line with itself, on the control descriptors.
  private static let echo = ChildCommand(argv: [
    "/bin/bash", "-c", "echo noise; echo trouble >&2; exec cat <&$0 >&$1", "{in}", "{out}",
  ])

  @Test(
    "carries bytes both ways, apart from the standard ones",
    arguments: await SandboxMechanism.testable()
  )
  func carriesBytes(mechanism: SandboxMechanism) async throws {
    try await withPort(mechanism) { port, _ in
      let channel = try await port.open(Self.echo)
      for size in [1, 5, 1 << 20] {
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
        async let written: Void = channel.write(bytes)
        let read = try await channel.read(exactly: size, within: 10)
        try await written
        #expect(read == bytes)
      }
      #expect(await channel.standardError() == "trouble\n")
      await channel.close()
    }
  }

  @Test("a read ends with its time, with the task and with the child")
  func endsReads() async throws {
    try await withPort(await .best()) { port, _ in
      let channel = try await port.open(Self.echo)
      try await channel.write([1, 2])
      await #expect(throws: ChannelError.timedOut) {
        try await channel.read(exactly: 3, within: 0.1)
      }
      // What came before the time was over is not lost.
      #expect(try await channel.read(exactly: 2, within: 5) == [1, 2])
      let reading = Task { try await channel.read(exactly: 1, within: nil) }
      reading.cancel()
      await #expect(throws: CancellationError.self) { try await reading.value }
      await channel.close()
      await #expect(throws: ChannelError.ended) { try await channel.read(exactly: 1, within: 5) }
      let dying = try await port.open(ChildCommand(argv: ["/bin/true"]))
      await #expect(throws: ChannelError.ended) { try await dying.read(exactly: 1, within: 5) }
      await dying.close()
    }
  }
}
