import Prompting

/// What was said with a model in one session.
struct ModelTalk: Sendable {
  /// The model.
  var access: ModelAccess
  /// Answers that did not heal, oldest first, with how they failed.
  var tried: [TriedAnswer] = []
  /// What stands for answers that were tried: the same one is not tried again.
  var seen: Set<String> = []
  /// How many questions were asked.
  var questions = 0
  /// How many of the session's questions are used up: one whose answer had come before counts three
  /// times, so that the next is asked warmer, another model gets its turn sooner, and none is asked
  /// for long what it always answers alike.
  var spent = 0
  /// How many of the last answers, one after the other, had come before.
  var repeats = 0
  /// Whether it does not answer any more.
  var isSilent = false

  init(_ access: ModelAccess) { self.access = access }

  /// What the next question tells of answers that failed.
  ///
  /// A small model copies what it is told not to answer: when one warning did not help, the next
  /// questions leave all of them out.
  var told: [TriedAnswer] { repeats > 1 ? [] : tried }

  /// Takes down that a question is asked; its number.
  mutating func noteQuestion() -> Int {
    questions += 1
    spent += 1
    return questions
  }

  /// Takes down whether an answer had come before.
  mutating func noteAnswer(isRepeated: Bool) {
    repeats = isRepeated ? repeats + 1 : 0
    if isRepeated { spent += 2 }
  }
}
