import Foundation
import HealingModel
import Testing

@Suite("Use of a model")
struct ModelUseTests {
  @Test("what several questions used up is added")
  func sums() {
    var use = ModelUse(name: "a", requests: 1, promptTokens: 2, completionTokens: 3, seconds: [4])
    use += ModelUse(name: "b", requests: 2, promptTokens: 3, completionTokens: 4, seconds: [5, 6])
    #expect(
      use
        == ModelUse(
          name: "b",
          requests: 3,
          promptTokens: 5,
          completionTokens: 7,
          seconds: [4, 5, 6]
        )
    )
  }

  @Test("a record without times, as it was stored at first, is read")
  func old() throws {
    let text = #"{"name": "a", "requests": 1, "promptTokens": 2, "completionTokens": 3}"#
    let use = try JSONDecoder().decode(ModelUse.self, from: Data(text.utf8))
    #expect(use == ModelUse(name: "a", requests: 1, promptTokens: 2, completionTokens: 3))
    let other = ModelUse(name: "b", seconds: [0.5])
    #expect(try JSONDecoder().decode(ModelUse.self, from: JSONEncoder().encode(other)) == other)
  }
}
