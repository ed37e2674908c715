import Diagnosis
import HealingModel
import Patching
import Prompting

extension HealingSession {
  /// Whether a model may be asked now what a failing run is about.
  ///
  /// Where nothing but a crash decides, an answer could leave out what crashes: it is not asked for.
  var mayAsk: Bool { mayTalk && oracle.strength != .crashOnly }

  private var mayTalk: Bool {
    talk.map { !$0.isSilent && $0.spent < budget.attempts } ?? false && secondsLeft > checkSeconds
  }

  /// Asks the model about the best state, without waiting for the answer.
  ///
  /// - Parameters:
  ///   - findings: What is wrong with it.
  ///   - judgement: What the oracle said of it.
  ///   - trace: What its threads did when it failed for their order.
  /// - Returns: The question under way; nil when there is nobody to ask.
  /// - Throws: What the adapter throws.
  mutating func ask(
    _ findings: [Finding],
    _ judgement: Judgement,
    trace: PromptTrace? = nil
  ) async throws -> ModelAnswering? {
    guard trace == nil ? mayAsk : mayTalk, var talk else { return nil }
    let number = talk.noteQuestion()
    let bugs = max(1, findings.count)
    var options = PromptOptions(language: talk.access.language)
    options.answerTokens = ModelAllowance.answerTokens(
      bugs: bugs,
      withTraces: trace != nil
    )
    var facts = try await promptFacts(
      findings,
      judgement,
      hintTokens: options.hintTokens,
      talk
    )
    facts.trace = trace
    let prompt = ChatPrompt(of: facts, options: options)
    let question = ModelQuestion(
      messages: prompt.messages,
      schema: prompt.schema,
      temperature: ModelAllowance.temperature(attempt: talk.spent, of: budget.attempts),
      maxTokens: options.answerTokens,
      seconds: ModelAllowance.requestSeconds(
        bugs: bugs,
        isConcurrent: threaded || trace != nil,
        left: secondsLeft - checkSeconds
      ),
      seed: talk.access.seed &+ number,
      share: Double(talk.spent - 1) / Double(max(1, budget.attempts))
    )
    self.talk = talk
    let (model, now) = (talk.access.model, now)
    let reply = Task {
      let start = now()
      var reply = await model.reply(to: question)
      if !reply.answers.isEmpty { reply.use.seconds = [now() - start] }
      return reply
    }
    return ModelAnswering(form: prompt.form, reply: reply)
  }

  /// Tries what the model answers, and asks again while it may help.
  ///
  /// - Parameters:
  ///   - first: The question that is under way.
  ///   - findings: What is wrong with the best state.
  ///   - judgement: What the oracle said of it.
  /// - Returns: Whether the best state moved on.
  /// - Throws: What the adapter throws.
  mutating func mendByModel(
    _ first: ModelAnswering,
    _ findings: [Finding],
    _ judgement: Judgement
  ) async throws -> Bool {
    var next: ModelAnswering? = first
    let start = Standing(judgement)
    while let answering = next {
      let reply = try await reply(to: answering)
      for answer in reply.answers where secondsLeft > checkSeconds {
        if try await advances(by: answer, answering.form, from: start) { return true }
      }
      next = try await ask(findings, judgement)
    }
    return false
  }

  /// Waits for the end of a question.
  ///
  /// - Parameter answering: The question.
  /// - Returns: What came of it; what it used up is counted.
  /// - Throws: `CancellationError` when the session ends.
  mutating func reply(to answering: ModelAnswering) async throws -> ModelReply {
    tell("waiting for the model")
    let reply = await withTaskCancellationHandler {
      await answering.reply.value
    } onCancel: {
      answering.reply.cancel()
    }
    note(reply)
    try Task.checkCancellation()
    return reply
  }

  /// Reads an answer; one that cannot be read, or that came before, is told in the next question.
  ///
  /// - Parameters:
  ///   - text: The answer.
  ///   - form: The form that was asked for.
  /// - Returns: The program that it makes of the best state; nil when it makes none.
  mutating func read(_ text: ModelReply.Text, _ form: AnswerForm) -> Answer? {
    guard let talk else { return nil }
    let context = AnswerContext(
      sources: current,
      language: talk.access.language,
      form: form,
      seen: talk.seen,
      isTruncated: text.isTruncated
    )
    do throws(AnswerRefusal) {
      let answer = try parseAnswer(text.text, in: context)
      self.talk?.seen.formUnion([answerDigest(text.text), answer.fingerprint])
      self.talk?.noteAnswer(isRepeated: false)
      return answer
    } catch {
      self.talk?.seen.insert(answerDigest(text.text))
      self.talk?.noteAnswer(isRepeated: error == .repeated)
      self.talk?.tried.append(TriedAnswer(diff: "", failure: error.description))
      return nil
    }
  }

  /// Keeps how an answer failed for the next question.
  ///
  /// - Parameters:
  ///   - answer: The answer.
  ///   - failure: How it failed, in a sentence.
  mutating func remember(_ answer: Answer, failure: String) {
    let diff = unifiedDiff(from: current, to: answer.sources)
    talk?.tried.append(TriedAnswer(diff: diff, failure: failure))
  }

  /// Ends a question whose answer is not needed any more; what it used up counts.
  mutating func giveUp(_ answering: ModelAnswering?) async {
    guard let answering else { return }
    answering.reply.cancel()
    var reply = await answering.reply.value
    reply.silence = nil
    note(reply)
  }

  /// Counts what a reply used up; a model that does not answer is told of once.
  private mutating func note(_ reply: ModelReply) {
    var use = report.model ?? ModelUse(name: reply.use.name)
    use += reply.use
    report.model = use
    guard let silence = reply.silence else { return }
    talk?.isSilent = true
    report.notes.append("the language model: \(silence); the search went on without it")
  }

  /// Whether an answer gets the program further; else how it failed is kept for the next question.
  private mutating func advances(
    by text: ModelReply.Text,
    _ form: AnswerForm,
    from start: Standing
  ) async throws -> Bool {
    guard let answer = read(text, form) else { return false }
    let judgement = try await observed(answer.sources)
    report.candidates += 1
    let standing = Standing(judgement)
    let passes = judgement.passes && !(standing < start)
    emit(
      .candidate(
        Candidate(patch: answer.patch, origin: .model, kinds: ["model"]),
        passes ? .plausible(runs: 1) : standing > start ? .progress : .stillFailing
      )
    )
    if judgement.passes {
      let refusals = try await adapter.refusals(
        from: original,
        to: answer.sources,
        strength: oracle.strength
      )
      guard refusals.isEmpty, passes else {
        let why = refusals.first?.message ?? "what passed before fails with it"
        remember(answer, failure: "not allowed: \(why).")
        return false
      }
    } else if !(standing > start) {
      remember(answer, failure: failure(of: judgement))
      return false
    }
    accept(answer.explained, as: answer.sources)
    note(answer.explained, madeBy: Making(source: .model))
    isUnproven = !judgement.passes
    fromFindingsOnly = false
    return true
  }

  /// How a state fails, in a sentence.
  private func failure(of judgement: Judgement) -> String {
    let passing = judgement.tests.count { $0.outcome == .passed }
    let seen = judgement.observation
    let why = seen.exception.map { " \($0.type): \($0.message)" } ?? ""
    return "\(passing) of \(judgement.tests.count) tests pass.\(why)"
  }
}

extension Answer {
  /// Its edits, each with a reason.
  var explained: Patch {
    var patch = patch
    for index in patch.edits.indices where patch.edits[index].reason.isEmpty {
      patch.edits[index].reason = "the language model's repair"
    }
    return patch
  }
}

/// A question to a model that is under way.
struct ModelAnswering: Sendable {
  /// The form in which the answer was asked for.
  var form: AnswerForm
  /// What comes of it.
  var reply: Task<ModelReply, Never>
}
