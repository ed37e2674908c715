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
  /// Whether it does not answer any more.
  var isSilent = false

  init(_ access: ModelAccess) { self.access = access }
}
