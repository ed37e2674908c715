import Healing
import HealingModel
import Synchronization
import Testing

@Suite("verdicts of earlier sessions")
struct VerdictCacheTests {
  /// Three wrong operators, which no one or two edits mend.
  private func script(_ text: String = "a = x - y\nb = a - x\nc = b - a\n") -> FakeAdapter.Script {
    var script = FakeAdapter.Script(
      text,
      .suite([
        TinyTest("a", "a", 7, ["x": 5, "y": 2]),
        TinyTest("b", "b", 9, ["a": 4, "x": 5]),
        TinyTest("c", "c", 3, ["a": 1, "b": 2]),
      ])
    )
    script.content = { $0["main"] }
    return script
  }

  @Test("what led nowhere is not evaluated again, and the same is found")
  func again() async throws {
    let kept = Kept()
    let first = try await session(FakeAdapter(script()), memory: Memory(verdicts: kept.cache))
    let second = try await session(FakeAdapter(script()), memory: Memory(verdicts: kept.cache))
    #expect(first.report.status == .healed)
    #expect(second.report.status == .healed)
    #expect(try second.result == first.result)
    #expect(second.report.candidates < first.report.candidates)
    #expect(evaluated(second) < evaluated(first))
    let ablated = try await session(
      FakeAdapter(script()),
      without: Ablation(techniques: [.cache]),
      memory: Memory(verdicts: kept.cache)
    )
    #expect(evaluated(ablated) == evaluated(first))
  }

  @Test("with time for some candidates only, the next session goes on where the last one ended")
  func goesOn() async throws {
    let kept = Kept()
    var slow = script()
    slow.candidateCost = 0.5
    var statuses: [SessionStatus] = []
    for _ in 0..<6 {
      let one = try await session(
        FakeAdapter(slow),
        budget: Budget(seconds: 12),
        memory: Memory(verdicts: kept.cache)
      )
      statuses.append(one.report.status)
    }
    #expect(statuses.first == .unhealed)
    #expect(statuses.last == .healed)
  }

  @Test("another content, or one that cannot be told, is evaluated anew")
  func content() async throws {
    let kept = Kept()
    let memory = Memory(verdicts: kept.cache)
    let first = try await session(FakeAdapter(script()), memory: memory)
    var other = script()
    other.content = { "other " + ($0["main"] ?? "") }
    let anew = try await session(FakeAdapter(other), memory: memory)
    #expect(evaluated(anew) == evaluated(first))
    let known = kept.count
    other.content = { _ in nil }
    let unknown = try await session(FakeAdapter(other), memory: memory)
    #expect(evaluated(unknown) == evaluated(first))
    #expect(kept.count == known)
  }

  @Test("a cache that knows everything keeps no repair back that passed before")
  func repairs() async throws {
    let kept = Kept()
    for _ in 0..<3 {
      let one = try await session(FakeAdapter(script()), memory: Memory(verdicts: kept.cache))
      #expect(one.report.status == .healed)
    }
  }

  private func evaluated(_ session: Healed) -> Int {
    session.calls.reduce(0) { sum, call in
      if case .evaluate(_, let count) = call { sum + count } else { sum }
    }
  }
}

/// A cache that lives as long as its test.
private final class Kept: Sendable {
  private let verdicts = Mutex<[String: VerdictCache.Verdicts]>([:])

  var count: Int { verdicts.withLock { $0.values.reduce(0) { $0 + $1.count } } }

  var cache: VerdictCache {
    VerdictCache(
      known: { content in self.verdicts.withLock { $0[content] ?? [:] } },
      add: { content, verdicts in
        self.verdicts.withLock { $0[content, default: [:]].merge(verdicts) { known, _ in known } }
      }
    )
  }
}
