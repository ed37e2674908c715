/// The text of a test that replays a schedule through the tool: red while the failure is there.
///
/// - Parameters:
///   - schedule: The stored schedule, as JSON.
///   - script: The program, relative to the folder of the test.
///   - summary: What goes wrong, in a sentence.
/// - Returns: A file for pytest that needs nothing but the tool.
public func scheduleTest(schedule: String, script: String, summary: String) -> String {
  """
  \"""Replays the schedule of threads under which \(commented(script)) failed:

      \(commented(summary))

  Red while that failure shows. A repaired program may take other steps, so that the schedule does not fit it any
  more: then its schedules are explored anew, drawn with a fixed seed and for some seconds, and the test fails only
  when one of them fails. That is evidence and no certainty; `heal trace` explores for longer.

  The tool is `heal` on the search path, or what the variable HEAL names.
  \"""

  import json
  import os
  import subprocess
  import tempfile

  import pytest

  HERE = os.path.dirname(os.path.abspath(__file__))
  SCRIPT = os.path.join(HERE, \(literal(script)))
  SECONDS = 20
  SCHEDULE = json.loads(
      \(literal(schedule))
  )


  def trace(*arguments):
      command = [os.environ.get("HEAL", "heal"), "trace", "--json", "--budget", str(SECONDS), *arguments]
      ended = subprocess.run(command, cwd=os.path.dirname(SCRIPT), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, universal_newlines=True, timeout=SECONDS * 3)
      if ended.returncode not in (0, 1, 3):
          pytest.fail("heal ended with status %d: %s" % (ended.returncode, ended.stderr))
      return json.loads(ended.stdout)


  def explored():
      expected = SCHEDULE.get("expected")
      options = ["--seed", "1"] + (["--expect", expected] if expected is not None else [])
      return trace(*options, SCRIPT, *SCHEDULE["arguments"])


  def test_the_schedule_does_not_fail():
      with tempfile.TemporaryDirectory() as folder:
          path = os.path.join(folder, "schedule.json")
          with open(path, "w", encoding="utf-8") as file:
              json.dump(SCHEDULE, file)
          found = trace("--replay", path, SCRIPT)
      if found["status"] == "diverged" and not found["failure"]:
          found = explored()
      if found["error"]:
          pytest.fail(found["error"]["message"])
      if found["failure"]:
          pytest.fail("%s: %s" % (found["failure"]["kind"], found["failure"]["summary"]))

  """
}

/// A text inside a comment of several lines.
private func commented(_ text: String) -> String {
  text.map { $0 == "\"" || $0 == "\\" ? "'" : $0.isNewline ? " " : String($0) }.joined()
}

/// A text as a literal of Python.
private func literal(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"", "\\": result += "\\" + String(scalar)
    case "\n": result += "\\n"
    case _ where scalar.value < 0x20 || scalar.value == 0x7f:
      let digits = String(scalar.value, radix: 16)
      result += "\\x" + String(repeating: "0", count: 2 - digits.count) + digits
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}
