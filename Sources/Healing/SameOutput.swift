/// Whether two outputs are equal but for white space at the ends of lines and of the whole.
public func sameOutput(_ lhs: String, _ rhs: String) -> Bool {
  trimmed(lhs) == trimmed(rhs)
}

private func trimmed(_ text: String) -> [Substring] {
  var lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    .map { line in
      line.lastIndex { !$0.isWhitespace }.map { line[...$0] } ?? ""
    }
  while lines.last?.isEmpty == true { lines.removeLast() }
  return lines
}
