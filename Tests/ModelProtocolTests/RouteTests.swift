import ModelProtocol
import Testing

@Suite("Addresses and the choice of models")
struct RouteTests {
  @Test(
    "addresses are read as people write them",
    arguments: [
      ("http://127.0.0.1:1234/v1", "http://127.0.0.1:1234/v1", true),
      ("http://localhost:1234", "http://localhost:1234/v1", true),
      ("HTTP://LocalHost/v1/", "http://localhost:80/v1", true),
      ("https://API.example.com/openai/v1//", "https://api.example.com:443/openai/v1", false),
      ("http://[::1]:8080/", "http://[::1]:8080/v1", true),
      ("http://127.9.9.9", "http://127.9.9.9:80/v1", true),
      ("http://127.0.0.1.evil.example", "http://127.0.0.1.evil.example:80/v1", false),
      ("http://127.0.1", "http://127.0.1:80/v1", false),
      ("http://localhost.evil.example", "http://localhost.evil.example:80/v1", false),
    ]
  )
  func addresses(text: String, whole: String, isLoopback: Bool) {
    let address = ModelAddress(text)
    #expect(address?.description == whole)
    #expect(address?.isLoopback == isLoopback)
    #expect(ModelAddress(whole) == address)
  }

  @Test(
    "what is no address, or could hold a secret, is refused",
    arguments: [
      "", "localhost:1234", "ftp://x", "http://", "http:///v1", "http://u:p@x/v1", "http://x?key=1",
      "http://x#f", "http://x:0", "http://x:99999", "http://x:1a", "http://x:", "http://x y",
      "http://x\n", "http://[::1", "http://[zz]", "http://a:1:2", "http://x\\@y", "http://ä",
      "http://x/v1\r\nHost: y",
    ]
  )
  func refused(text: String) { #expect(ModelAddress(text) == nil) }

  private func models(_ texts: String...) -> [ModelReference] {
    texts.compactMap { text in
      ModelAddress(text).map { ModelReference(name: "m", address: $0) }
    }
  }

  @Test("local models come first, in their order; others only when they are allowed")
  func route() {
    let list = models("https://far.example", "http://localhost:1", "http://[::1]:2", "http://lan")
    typealias Case = (exhausted: Set<Int>, mayLeave: Bool, expected: ModelRoute)
    let cases: [Case] = [
      ([], false, .use(1)), ([], true, .use(1)), ([1], true, .use(2)), ([1], false, .use(2)),
      ([1, 2], false, .needsPermission(0)), ([1, 2], true, .use(0)), ([0, 1, 2], true, .use(3)),
      ([0, 1, 2], false, .needsPermission(3)), ([0, 1, 2, 3], true, .exhausted),
      ([0, 1, 2, 3, 9], false, .exhausted),
    ]
    for (exhausted, mayLeave, expected) in cases {
      #expect(
        ModelRoute.next(of: list, exhausted: exhausted, mayLeave: mayLeave) == expected,
        "\(exhausted) \(mayLeave)"
      )
    }
    #expect(ModelRoute.next(of: [], exhausted: [], mayLeave: true) == .exhausted)
  }

  @Test("the model that is named is used, else the first that answers in words")
  func chosen() {
    let failure = ModelFailure(.unreachable, "a", remedy: "b")
    let servers = [
      ModelServer(product: nil, address: ModelAddress(localPort: 1), failure: failure),
      ModelServer(product: nil, address: ModelAddress(localPort: 2), models: ["nomic-embed-text"]),
      ModelServer(product: nil, address: ModelAddress(localPort: 3), models: ["bge-ReRank", "a"]),
      ModelServer(product: nil, address: ModelAddress(localPort: 4), models: ["b", "a"]),
    ]
    func chosen(_ name: String?) -> String? {
      ModelReference.chosen(among: servers, named: name).map { "\($0.name) \($0.address.port)" }
    }
    #expect(chosen(nil) == "a 3")
    #expect(chosen("b") == "b 4")
    #expect(chosen("nomic-embed-text") == "nomic-embed-text 2")
    #expect(chosen("c") == nil)
    #expect(ModelReference.chosen(among: [], named: nil) == nil)
  }

  @Test("tokens are estimated from bytes")
  func estimate() {
    #expect(ModelUsage.estimatedTokens(in: "") == 0)
    #expect(ModelUsage.estimatedTokens(in: "x") == 1)
    #expect(ModelUsage.estimatedTokens(in: String(repeating: "x", count: 350)) == 100)
  }
}
