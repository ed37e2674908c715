import ModelProtocol
import Testing

@testable import LanguageModels

@Suite("Lists of models")
struct ListTests {
  @Test("servers are found on the ports that are tried, each with its models")
  func found() async throws {
    let one = try FaultServer { _, _ in .json(#"{"data":[{"id":"a"},{"id":"b c"},{"id":"d"}]}"#) }
    let two = try FaultServer { _, _ in .json(#"{"models":[{"name":"e"}]}"#) }
    let page = try FaultServer { _, _ in .whole("<html>".utf8, type: "text/html") }
    let gone = try FaultServer { _, _ in [] }
    gone.stop()
    await withClient { client in
      let ports = [gone, two, page, one].map { ($0.port, "p\($0.port)") }
      let servers = await client.client.servers(at: [], ports: ports, seconds: patience)
      #expect(servers.map(\.models) == [["e"], ["a", "d"]])
      #expect(servers.map(\.product) == ["p\(two.port)", "p\(one.port)"])
      #expect(one.requests.map(\.path) == ["/v1/models"])
    }
  }

  @Test("a server that was named is told with its failure")
  func named() async throws {
    let scripts: [(ModelFailure.Kind, [FaultServer.Step])] = [
      (.unauthorized, .json("{}", status: "401 No")), (.unreadable, .json("[]")),
      (.unreadable, .whole("<html>".utf8, type: "text/html")), (.timedOut, [.hang]),
      (.tooLarge, .json(String(repeating: " ", count: 2 << 20))),
      (.connectionLost, [.close]), (.redirected, .json("", status: "302 Found")),
    ]
    try await withClient { client in
      for (kind, steps) in scripts {
        let server = try FaultServer { _, _ in steps }
        defer { server.stop() }
        let address = ModelAddress(localPort: server.port)
        let seconds = kind == .timedOut ? 0.3 : patience
        let servers = await client.client.servers(at: [address], seconds: seconds)
        #expect(servers.map { $0.failure?.kind } == [kind], "\(kind): \(servers)")
        #expect(servers.map(\.address) == [address])
      }
    }
  }

  @Test("the usual servers are looked for on this machine alone")
  func usual() {
    #expect(ModelClient.usualPorts.map(\.0) == [1234, 11_434, 8080, 8000])
    #expect(ModelAddress(localPort: 1234).description == "http://127.0.0.1:1234/v1")
  }
}
