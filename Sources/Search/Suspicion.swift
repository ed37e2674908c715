public import HealingModel

/// How suspicious each line is: Ochiai's coefficient over the tests that ran it, from 0 to 1.
///
/// Abreu, Zoeteweij and van Gemund, "On the Accuracy of Spectrum-based Fault Localization", 2007.
///
/// - Parameters:
///   - failing: Whether each test fails, in the order of `coverage`.
///   - coverage: The lines that each test ran, by file.
/// - Returns: The lines that at least one failing test ran, by file, with their suspicion.
public func ochiai(failing: [Bool], coverage: [[String: [Int]]]) -> [String: [Int: Double]] {
  let failures = failing.count { $0 }
  guard failures > 0 else { return [:] }
  var counts: [String: [Int: (failed: Int, passed: Int)]] = [:]
  for (fails, files) in zip(failing, coverage) {
    for (path, lines) in files {
      for line in lines {
        var count = counts[path]?[line] ?? (0, 0)
        if fails { count.failed += 1 } else { count.passed += 1 }
        counts[path, default: [:]][line] = count
      }
    }
  }
  return counts.mapValues { lines in
    lines.compactMapValues { count in
      guard count.failed > 0 else { return nil }
      let covering = Double(count.failed + count.passed)
      return Double(count.failed) / (Double(failures) * covering).squareRoot()
    }
  }.filter { !$0.value.isEmpty }
}

/// Suspicion sharpened by the tracebacks of the failures: a line on which an exception arose, or
/// which led there, is more suspicious than coverage alone makes it.
///
/// - Parameters:
///   - suspicion: Suspicion by file and line.
///   - exceptions: The exceptions of the failing tests.
///   - strength: The share of the distance to 1 that the innermost frame closes; halved outwards.
/// - Returns: The sharpened suspicion.
public func sharpened(
  _ suspicion: [String: [Int: Double]],
  by exceptions: [ObservedException],
  strength: Double = 0.5
) -> [String: [Int: Double]] {
  var result = suspicion
  for exception in exceptions {
    var share = strength
    for frame in exception.frames.reversed() {
      guard let value = suspicion[frame.path]?[frame.line] else { continue }
      let raised = value + (1 - value) * share
      let known = result[frame.path]?[frame.line] ?? 0
      result[frame.path]?[frame.line] = max(raised, known)
      share /= 2
    }
  }
  return result
}
