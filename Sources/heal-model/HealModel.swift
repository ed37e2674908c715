import Foundation
import LanguageModels
import ModelProtocol
import Synchronization

/// The program beside `heal` that talks to models.
///
/// Requests come on standard input, events go to standard output, as
/// `Sources/ModelProtocol/PROTOCOL.md` says. It ends when standard input does.
@main
struct HealModel {
  static func main() async {
    signal(SIGPIPE, SIG_IGN)
    var options = ModelClient.Options { Date().timeIntervalSince1970 }
    options.connectSeconds = 5
    var key: APIKey?
    var keyFailure: ModelFailure?
    do throws(ModelFailure) {
      key = try APIKey.find(in: ProcessInfo.processInfo.environment)
    } catch {
      keyFailure = error
    }
    let client = ModelClient(options: options, key: key)
    let output = Mutex(())
    let service = ModelService(client: client, keyFailure: keyFailure) { line in
      output.withLock { _ in writeAll(line) }
    }
    await service.run(input())
    await client.close()
  }

  /// The lines of standard input, read by a thread of its own.
  private static func input() -> AsyncStream<[UInt8]?> {
    AsyncStream { continuation in
      Thread.detachNewThread {
        var splitter = LineSplitter()
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
          let count = read(STDIN_FILENO, &buffer, buffer.count)
          if count < 0, errno == EINTR { continue }
          guard count > 0 else { break }
          for line in splitter.feed(buffer[..<count]) { continuation.yield(line) }
        }
        continuation.finish()
      }
    }
  }

  /// Writes a whole line; when nobody reads any more, the end of the input says so too.
  private static func writeAll(_ line: [UInt8]) {
    var rest = line[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}
