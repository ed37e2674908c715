/// What is the same in every request of one form and language: servers keep what they made of it.
func rules(for form: AnswerForm, asksForJSON: Bool, language: SourceLanguage) -> String {
  """
  You repair \(language.name) programs. You get a program, what is known of its bugs, and \
  what the program should do.

  Rules:
  1. Fix every bug. Where they are listed, each item says what is wrong, where, and what to do.
  2. Keep all else as it is: names, order, comments, the text that is printed.
  3. Correct the cause. Never hide an error, leave out work, end early, or write an expected \
  result into the program.
  4. Never change a test.
  5. Answer with code only. No explanation.

  \(format(of: form, asksForJSON: asksForJSON, language: language))
  """
}

private func format(of form: AnswerForm, asksForJSON: Bool, language: SourceLanguage) -> String {
  "Answer format: " + (asksForJSON ? jsonFormat(of: form) : textFormat(of: form, language))
}

private func textFormat(of form: AnswerForm, _ language: SourceLanguage) -> String {
  let tag = language.tags.first ?? ""
  return switch form {
  case .wholeFile:
    """
    the whole corrected file in one block, without line numbers, from its first line to its last:
    ```\(tag)
    the corrected file
    ```
    """
  case .functions:
    """
    one block with every function that you change, whole, without line numbers. Put a function \
    of a class below the line of its class. Leave out functions that you do not change:
    ```\(tag)
    the changed functions
    ```
    """
  case .edits:
    """
    one block for each change. SEARCH has lines of the program, copied exactly and without line \
    numbers, REPLACE has what comes in their place. Take as few lines as are needed to find the \
    place:
    the file's path
    <<<<<<< SEARCH
    wrong lines
    =======
    right lines
    >>>>>>> REPLACE
    """
  }
}

private func jsonFormat(of form: AnswerForm) -> String {
  switch form {
  case .wholeFile: #"JSON, {"files": [{"path": "name", "content": "the whole corrected file"}]}."#
  case .functions:
    """
    JSON, {"functions": [{"path": "name", "name": "Class.function", "code": "the whole \
    function"}]}, one item for every function that you change.
    """
  case .edits:
    """
    JSON, {"edits": [{"path": "name", "search": "wrong lines", "replace": "right lines"}]}. \
    "search" has lines of the program, copied exactly and without line numbers, "replace" has \
    what comes in their place.
    """
  }
}

/// What the model is to do now; it stands last, where small models heed it most.
func closing(for form: AnswerForm, bugs: Int, asksForJSON: Bool) -> String {
  let what = bugs > 1 ? "Fix all \(bugs) bugs now." : bugs == 1 ? "Fix the bug now." : "Fix it now."
  let how =
    switch (form, asksForJSON) {
    case (_, true): "Answer with the JSON only."
    case (.wholeFile, false): "Answer with the whole corrected file in one block."
    case (.functions, false): "Answer with the changed functions, whole, in one block."
    case (.edits, false): "Answer with SEARCH and REPLACE blocks only."
    }
  return "\(what) \(how)"
}

/// How to read a trace of threads, step by step.
let traceSteps = """
  Take these five steps:
  1. Read when each thread acquired and released which lock.
  2. Find the waits that show contention.
  3. Look for circular waits.
  4. See that every method that touches shared state holds the right lock.
  5. Mend each place where shared state is read or written without one.
  """
