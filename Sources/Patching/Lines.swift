/// Splits a text into lines, each with its own line end; `\n`, `\r\n` and `\r` end a line.
///
/// - Parameter text: The text.
/// - Returns: The lines; joined they give the text back. An empty text has no lines.
public func lines(of text: String) -> [String] {
  var result: [String] = []
  var line = String.UnicodeScalarView()
  var previous: Unicode.Scalar?
  for scalar in text.unicodeScalars {
    if previous == "\r", scalar != "\n" {
      result.append(String(line))
      line = String.UnicodeScalarView()
    }
    line.append(scalar)
    if scalar == "\n" {
      result.append(String(line))
      line = String.UnicodeScalarView()
    }
    previous = scalar
  }
  if !line.isEmpty { result.append(String(line)) }
  return result
}

/// The line end that most lines of `text` have; `\n` when there is none.
public func dominantLineEnd(of text: String) -> String {
  var counts = ["\n": 0, "\r\n": 0, "\r": 0]
  for line in lines(of: text) {
    let scalars = Array(line.unicodeScalars.suffix(2))
    switch (scalars.first, scalars.last) {
    case ("\r", "\n"): counts["\r\n", default: 0] += 1
    case (_, "\n"): counts["\n", default: 0] += 1
    case (_, "\r"): counts["\r", default: 0] += 1
    default: break
    }
  }
  let (newline, carriage) = (counts["\n", default: 0], counts["\r", default: 0])
  let both = counts["\r\n", default: 0]
  if both > newline, both >= carriage { return "\r\n" }
  return carriage > newline ? "\r" : "\n"
}

/// A line without its line end.
public func withoutLineEnd(_ line: String) -> String {
  var scalars = line.unicodeScalars[...]
  if scalars.last == "\n" { scalars = scalars.dropLast() }
  if scalars.last == "\r" { scalars = scalars.dropLast() }
  return String(scalars)
}
