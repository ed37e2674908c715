import Foundation
import HealingModel
import Testing

@testable import heal

@Suite("Interruption")
struct InterruptionTests {
  @Test("the first signal cancels the work, the second ends at once")
  func signals() {
    let (cancelled, ended) = (Counter(), Counter())
    let interruption = Interruption(end: { ended.add() })
    interruption.onCancel { cancelled.add() }
    #expect(!interruption.isInterrupted)
    interruption.receive()
    #expect(interruption.isInterrupted)
    #expect((cancelled.value, ended.value) == (1, 0))
    interruption.receive()
    #expect((cancelled.value, ended.value) == (1, 1))
  }

  @Test("work that does not come back is cut off within a second, after the last words")
  func cutOff() async {
    let spoken = Counter()
    let begin = ContinuousClock.now
    let end = await withCheckedContinuation { continuation in
      let ended = Counter()
      let interruption = Interruption {
        ended.add()
        if ended.value == 1 { continuation.resume(returning: ContinuousClock.now) }
      }
      interruption.setLastWords { spoken.add() }
      interruption.receive()
    }
    #expect(spoken.value == 1)
    #expect(end - begin < .seconds(1))
  }

  @Test("last words that hang are not waited for")
  func hangingWords() async {
    await withCheckedContinuation { continuation in
      let ended = Counter()
      let interruption = Interruption {
        ended.add()
        if ended.value == 1 { continuation.resume() }
      }
      interruption.setLastWords { try? await Task.sleep(for: .seconds(30)) }
      interruption.receive()
    }
  }

  @Test("a session that is cut off prints its one JSON object")
  func cutOffAsJSON() async throws {
    var world = try FakeWorld()
    let printed = Counter()
    world.loop = { [interruption = world.interruption, play = world.play] _ in
      interruption.receive()
      // Like an adapter that is not done with opening.
      for _ in 0..<600 where play.out.isEmpty { try await Task.sleep(for: .milliseconds(50)) }
      if !play.out.isEmpty { printed.add() }
      return SessionReport(status: .unhealed, strength: .example)
    }
    #expect(await world.run("run", "--json", "app.py") == 130)
    #expect(printed.value == 1)
    #expect(try world.json()["status"] == "interrupted")
  }
}
