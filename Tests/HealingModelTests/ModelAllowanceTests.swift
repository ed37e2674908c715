import HealingModel
import Testing

@Suite("What requests to a model may use up")
struct ModelAllowanceTests {
  @Test("the temperature goes from 0.40 to 1.15 in even steps")
  func temperature() {
    #expect(ModelAllowance.temperature(attempt: 1, of: 12) == 0.4)
    #expect(ModelAllowance.temperature(attempt: 12, of: 12) == 1.15)
    #expect(ModelAllowance.temperature(attempt: 2, of: 3) == 0.775)
    #expect(ModelAllowance.temperature(attempt: 1, of: 1) == 0.4)
    #expect(ModelAllowance.temperature(attempt: 0, of: 12) == 0.4)
    #expect(ModelAllowance.temperature(attempt: 99, of: 12) == 1.15)
    for attempts in 2...20 {
      let ramp = (1...attempts).map { ModelAllowance.temperature(attempt: $0, of: attempts) }
      #expect(zip(ramp, ramp.dropFirst()).allSatisfy { $0 < $1 })
    }
  }

  @Test(
    "the tokens of an answer grow with the bugs between their bounds",
    arguments: [
      (0, 2000, 2000), (1, 2000, 2000), (2, 2000, 2000), (3, 3000, 3000), (5, 5000, 5000),
      (6, 5000, 6000), (8, 5000, 8000), (9, 5000, 8000), (Int.max, 5000, 8000), (-1, 2000, 2000),
    ]
  )
  func tokens(bugs: Int, plain: Int, traced: Int) {
    #expect(ModelAllowance.answerTokens(bugs: bugs, withTraces: false) == plain)
    #expect(ModelAllowance.answerTokens(bugs: bugs, withTraces: true) == traced)
  }

  @Test("a request's seconds grow with the bugs, and end with the budget")
  func seconds() {
    #expect(ModelAllowance.requestSeconds(bugs: 0, isConcurrent: false, left: 300) == 30)
    #expect(ModelAllowance.requestSeconds(bugs: 3, isConcurrent: false, left: 300) == 75)
    #expect(ModelAllowance.requestSeconds(bugs: 3, isConcurrent: true, left: 300) == 135)
    #expect(ModelAllowance.requestSeconds(bugs: 3, isConcurrent: true, left: 20.5) == 20.5)
    #expect(ModelAllowance.requestSeconds(bugs: 3, isConcurrent: true, left: -1) == 0)
  }

  @Test("12 attempts, 20 with traces; a model raises the budget to 300 s")
  func attempts() {
    #expect(ModelAllowance.attempts(withTraces: false) == 12)
    #expect(ModelAllowance.attempts(withTraces: true) == 20)
    #expect(ModelAllowance.budgetSeconds == 300)
  }
}
