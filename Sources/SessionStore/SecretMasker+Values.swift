import HealingModel

// Texts that were observed are masked. Patches are not: a repair is applied from them, and what they
// say stands in the user's own files.

extension SecretMasker {
  func callAsFunction(_ text: BoundedText) -> BoundedText {
    let head = text.isWhole ? self(text.head) : head(text.head)
    let tail = text.isWhole ? self(text.tail) : tail(text.tail)
    let left = text.total - text.head.utf8.count - text.tail.utf8.count
    return BoundedText(
      head: head,
      tail: tail,
      total: head.utf8.count + tail.utf8.count + max(left, 0)
    )
  }

  func callAsFunction(_ frame: Frame) -> Frame {
    var frame = frame
    frame.code = self(frame.code)
    frame.locals = frame.locals.mapValues { ObservedValue(type: $0.type, repr: self($0.repr)) }
    return frame
  }

  func callAsFunction(_ exception: ObservedException) -> ObservedException {
    var exception = exception
    exception.message = self(exception.message)
    exception.suggestion = exception.suggestion.map { self($0) }
    exception.frames = exception.frames.map { self($0) }
    exception.chain = exception.chain.map { self($0) }
    return exception
  }

  func callAsFunction(_ observation: Observation) -> Observation {
    var observation = observation
    observation.stdout = self(observation.stdout)
    observation.stderr = self(observation.stderr)
    observation.exception = observation.exception.map { self($0) }
    observation.stacks = observation.stacks.map {
      ThreadStack(thread: self($0.thread), frames: $0.frames.map { self($0) })
    }
    observation.refused = observation.refused.map {
      RefusedOperation(operation: $0.operation, target: self($0.target))
    }
    return observation
  }

  func callAsFunction(_ judgement: Judgement) -> Judgement {
    Judgement(
      tests: judgement.tests.map { test in
        var test = test
        test.id = self(test.id)
        test.exception = test.exception.map { self($0) }
        return test
      },
      observation: self(judgement.observation)
    )
  }

  func callAsFunction(_ finding: Finding) -> Finding {
    var finding = finding
    finding.message = self(finding.message)
    finding.hint = self(finding.hint)
    finding.evidence = finding.evidence.map { Evidence(source: $0.source, text: self($0.text)) }
    return finding
  }

  func callAsFunction(_ verdict: Verdict) -> Verdict {
    switch verdict {
    case .refused(let refusal):
      .refused(Refusal(rule: refusal.rule, message: self(refusal.message)))
    case .regressed(let tests): .regressed(tests: tests.map { self($0) })
    case .plausible, .progress, .stillFailing, .flaky: verdict
    }
  }

  func callAsFunction(_ report: SessionReport) -> SessionReport {
    var report = report
    report.findings = report.findings.map { self($0) }
    report.remaining = report.remaining.map { self($0) }
    report.notes = report.notes.map { self($0) }
    report.observation = report.observation.map { self($0) }
    report.verification = report.verification.map { verification in
      var verification = verification
      verification.tests = verification.tests.map { self($0) }
      return verification
    }
    report.alternatives = report.alternatives.map { alternative in
      var alternative = alternative
      alternative.distinguishingInput = alternative.distinguishingInput.map { self($0) }
      alternative.answers = alternative.answers.map { self($0) }
      return alternative
    }
    return report
  }

  func callAsFunction(_ header: SessionHeader) -> SessionHeader {
    var header = header
    header.commandLine = header.commandLine.map { self($0) }
    switch header.program.entry {
    case .script(let path, let arguments):
      header.program.entry = .script(path: path, arguments: arguments.map { self($0) })
    case .suite(let targets, let arguments):
      header.program.entry = .suite(targets: targets, arguments: arguments.map { self($0) })
    case .command(let line): header.program.entry = .command(self(line))
    }
    if case .examples(let cases) = header.oracle {
      header.oracle = .examples(
        cases.map {
          ExampleCase(
            name: self($0.name),
            arguments: $0.arguments.map { self($0) },
            input: self($0.input),
            expected: $0.expected.map { self($0) }
          )
        }
      )
    }
    return header
  }
}
