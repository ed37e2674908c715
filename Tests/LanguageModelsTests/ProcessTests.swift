import Foundation
import ModelProtocol
import Processes
import Testing

/// The built `heal-model`, over its pipes.
@Suite("heal-model")
struct ProcessTests {
  /// Beside the test runner, wherever that was built.
  private var folder: URL {
    URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
      .deletingLastPathComponent()
  }

  private var path: String { folder.path + "/heal-model" }

  /// The events of the process up to the last one of request `id`.
  private func events(of process: LineProcess, until id: Int) async -> [ModelEvent] {
    var splitter = LineSplitter()
    var events: [ModelEvent] = []
    for await bytes in process.output {
      events += splitter.feed(bytes).compactMap { $0.flatMap { try? ModelEvent(line: $0) } }
      if events.contains(where: { $0.id == id && $0.isLast }) { break }
    }
    return events
  }

  @Test(
    "it lists, answers with the key of its environment, and ends with its input",
    .timeLimit(.minutes(10))
  )
  func whole() async throws {
    let server = try FaultServer { request, _ in
      request.method == "GET" ? .json(#"{"data":[{"id":"m"}]}"#) : .saying(["a", "b"])
    }
    let process = try LineProcess(path, environment: ["HEAL_API_KEY": "sk-0123456789"])
    process.send(
      ModelRequest(
        id: 1,
        .list(addresses: [ModelAddress(localPort: server.port)], seconds: patience)
      ).line + ModelRequest(id: 2, .chat(.small(to: server))).line
    )
    let events = await events(of: process, until: 2)
    let answers = events.filter { $0.id == 2 }.map(\.content)
    #expect(answers.prefix(2) == [.text(sample: 0, "a"), .text(sample: 0, "b")])
    #expect(answers.count == 3)
    #expect(server.requests.allSatisfy { $0.headers["authorization"] == "Bearer sk-0123456789" })
    #expect(!"\(events)".contains("0123456789"))
    await process.close(within: patience)
    while server.openConnections > 0 { await Task.yield() }
  }

  @Test("what hangs ends with its input too", .timeLimit(.minutes(10)))
  func hanging() async throws {
    let server = try FaultServer { _, _ in [.hang] }
    let process = try LineProcess(path, environment: [:])
    process.send(ModelRequest(id: 1, .chat(.small(to: server))).line)
    while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
    await process.close(within: patience)
    var rest: [UInt8] = []
    for await bytes in process.output { rest += bytes }
    let last = rest.split(separator: 0x0a).last.flatMap { try? ModelEvent(line: $0) }
    guard case .failure(let failure)? = last?.content else {
      Issue.record("\(String(decoding: rest, as: UTF8.self))")
      return
    }
    #expect(failure.kind == .cancelled, "it ended by itself and was not killed")
  }

  /// Runs a program to its end, in a thread of its own.
  private func run(
    _ program: String,
    _ arguments: [String],
    environment: [String: String] = [:]
  ) async throws -> (status: Int32, out: String, err: String) {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        let (process, out, err) = (Process(), Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = out
        process.standardError = err
        do { try process.run() } catch { return continuation.resume(throwing: error) }
        let texts = [out, err].map {
          String(decoding: $0.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        }
        process.waitUntilExit()
        continuation.resume(returning: (process.terminationStatus, texts[0], texts[1]))
      }
    }
  }

  @Test("heal model lists what a server has and says what would be used", .timeLimit(.minutes(10)))
  func listed() async throws {
    let server = try FaultServer { _, _ in .json(#"{"data":[{"id":"embed"},{"id":"small"}]}"#) }
    let heal = folder.path + "/heal"
    let text = try await run(heal, ["model", "--base-url", server.url])
    #expect(text.status == 0, "\(text)")
    #expect(text.out == "server  \(server.url)\n  embed\n  small  (used)\n")
    let named = try await run(
      heal,
      ["model", "--json", "--base-url", server.url],
      environment: ["HEAL_MODEL": "embed", "HEAL_API_KEY": "sk-0123456789"]
    )
    #expect(named.status == 0 && named.err.isEmpty)
    #expect(named.out.contains(#""used": {"model": "embed", "#))
    #expect(server.requests.last?.headers["authorization"] == "Bearer sk-0123456789")
    let missing = try await run(heal, ["model", "--model", "big", "--base-url", server.url])
    #expect(missing.status == 3)
    #expect(missing.err.contains("no server has the model big"))
  }

  @Test(
    "a server that fails, and a key file that is open to all, are told",
    .timeLimit(.minutes(10))
  )
  func failures() async throws {
    let server = try FaultServer { _, _ in .json("{}", status: "401 Unauthorized") }
    let heal = folder.path + "/heal"
    let refused = try await run(heal, ["model", "--base-url", server.url])
    #expect(refused.status == 3)
    #expect(refused.err.contains("HEAL_API_KEY"))
    let file = FileManager.default.temporaryDirectory.path + "/heal-key-\(UUID().uuidString)"
    try Data("sk-0123456789".utf8).write(to: URL(fileURLWithPath: file))
    defer { unlink(file) }
    chmod(file, 0o644)
    let open = try await run(
      heal,
      ["model", "--json", "--base-url", server.url],
      environment: ["HEAL_API_KEY_FILE": file]
    )
    #expect(open.status == 3)
    #expect(open.err.contains("chmod 600"))
    #expect(!"\(open)".contains("0123456789"))
    #expect(server.requests.count == 1)
  }

  @Test("without heal-model beside it, heal says how to build it", .timeLimit(.minutes(10)))
  func notBuilt() async throws {
    let alone = FileManager.default.temporaryDirectory.path + "/heal-alone-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: alone, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: alone) }
    let copy = alone + "/heal"
    // A process that is started meanwhile would hold a file open that this one writes: then it
    // could not be run.
    #expect(try await run("/bin/cp", [folder.path + "/heal", copy]).status == 0)
    let ended = try await run(copy, ["model", "--json"])
    #expect(ended.status == 3)
    #expect(ended.err.contains("heal-model, the part that talks to models, was not built"))
    #expect(ended.err.contains("scripts/build-release --model"))
    #expect(ended.out.contains(#""used": null"#))
  }
}
