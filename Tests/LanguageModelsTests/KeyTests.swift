import Foundation
import ModelProtocol
import Testing

@testable import LanguageModels

@Suite("Keys")
struct KeyTests {
  private static let secret = "sk-verysecret-0123456789abcdef"

  private func file(_ text: String, mode: mode_t) throws -> String {
    let path = FileManager.default.temporaryDirectory.path + "/heal-key-\(UUID().uuidString)"
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    chmod(path, mode)
    return path
  }

  @Test("a key comes from the environment, the more special variable first")
  func variables() throws {
    func header(_ environment: [String: String]) throws -> String? {
      try APIKey.find(in: environment)?.header
    }
    let path = try file("filekey\n", mode: 0o600)
    defer { unlink(path) }
    #expect(try header([:]) == nil)
    #expect(try header(["HEAL_API_KEY": "", "OPENAI_API_KEY": ""]) == nil)
    #expect(try header(["OPENAI_API_KEY": "o"]) == "Bearer o")
    #expect(try header(["OPENAI_API_KEY": "o", "HEAL_API_KEY_FILE": path]) == "Bearer filekey")
    #expect(
      try header(["OPENAI_API_KEY": "o", "HEAL_API_KEY_FILE": path, "HEAL_API_KEY": " h\n"])
        == "Bearer h"
    )
  }

  @Test("a key file that others may read or change is refused, and so is what is no plain file")
  func protection() throws {
    for mode: mode_t in [0o644, 0o640, 0o604, 0o620, 0o602, 0o660, 0o610] {
      let path = try file(Self.secret, mode: mode)
      defer { unlink(path) }
      let failure = #expect(throws: ModelFailure.self) {
        try APIKey.find(in: ["HEAL_API_KEY_FILE": path])
      }
      #expect(failure?.description.contains("chmod 600") == true)
      #expect(failure?.description.contains(Self.secret) == false)
    }
    let pipe = FileManager.default.temporaryDirectory.path + "/heal-key-\(UUID().uuidString)"
    mkfifo(pipe, 0o600)
    defer { unlink(pipe) }
    for path in [pipe, "/", "/nonexistent/key", "/dev/zero"] {
      #expect(throws: ModelFailure.self, "\(path)") {
        try APIKey.find(in: ["HEAL_API_KEY_FILE": path])
      }
    }
    let long = try file(String(repeating: "x", count: 5000), mode: 0o600)
    defer { unlink(long) }
    #expect(throws: ModelFailure.self) { try APIKey.find(in: ["HEAL_API_KEY_FILE": long]) }
  }

  @Test("what a header cannot carry is no key", arguments: ["a b", "a\r\nX: y", "ä", "\u{0}"])
  func injection(text: String) {
    let failure = #expect(throws: ModelFailure.self) {
      try APIKey.find(in: ["HEAL_API_KEY": text])
    }
    #expect(failure?.description.contains(text) == false)
  }

  @Test("a key shows itself nowhere")
  func hidden() async throws {
    let key = try #require(APIKey(Self.secret))
    var dumped = ""
    dump(["key": key], to: &dumped)
    var dumpedClient = ""
    await withClient(key: Self.secret) { client in
      dump(client.client, to: &dumpedClient, maxDepth: 6)
    }
    #expect(dumpedClient.contains("a key"))
    for text in [
      "\(key)", String(describing: key), String(reflecting: key), dumped, dumpedClient,
      "\(Optional(key) as Any)",
    ] {
      #expect(!text.contains("verysecret"))
    }
  }

  @Test("a server that repeats the key, or most of it, is not quoted")
  func echoed() async throws {
    let server = try FaultServer { _, _ in
      .json(
        #"{"error":{"message":"Incorrect key \#(Self.secret), or \#(Self.secret.prefix(14))**"}}"#,
        status: "401 Unauthorized"
      )
    }
    await withClient(key: Self.secret) { client in
      let failure = await client.chat(.small(to: server)).failure
      #expect(failure?.message.contains("Incorrect key (key)") == true)
      #expect(failure?.description.contains("verysecret") == false)
    }
    #expect(server.requests.first?.headers["authorization"] == "Bearer \(Self.secret)")
  }

  @Test("a key is sent within this machine or over https only")
  func encrypted() async throws {
    for (text, isSent) in [
      ("http://127.0.0.1:1234/v1", true), ("http://localhost:1234", true), ("http://[::1]", true),
      ("https://api.example.com/v1", true), ("http://api.example.com/v1", false),
      ("http://192.168.1.5:1234/v1", false), ("http://127.0.0.1.example.com", false),
    ] {
      let address = try #require(ModelAddress(text))
      #expect(APIKey.maySend(to: address) == isSent, "\(text)")
      await withClient(key: Self.secret) { client in
        #expect((client.client.authorization(for: address) != nil) == isSent, "\(text)")
        #expect(client.client.isWithheld(from: address) == !isSent, "\(text)")
      }
    }
  }

  @Test("a server that nobody named is asked for its models without the key")
  func listed() async throws {
    let server = try FaultServer { _, _ in .json(#"{"data":[{"id":"m"}]}"#) }
    await withClient(key: Self.secret) { client in
      let found = await client.client.servers(
        at: [],
        ports: [(server.port, "Some")],
        seconds: patience
      )
      #expect(found.map(\.models) == [["m"]])
      #expect(server.requests.first?.headers["authorization"] == nil)
      let address = ModelAddress(localPort: server.port)
      _ = await client.client.servers(at: [address], seconds: patience)
      #expect(server.requests.last?.headers["authorization"] != nil)
    }
  }
}
