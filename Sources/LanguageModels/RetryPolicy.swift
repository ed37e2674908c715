import HealingModel
import Synchronization

/// How often and after what time a request is made again.
///
/// Exponential back-off with jitter: half of each time is fixed and half is drawn, so that several
/// clients do not come back at once and none comes back at once.
struct RetryPolicy: Sendable {
  /// Tries after the first.
  var retries = 3
  /// Seconds before the first retry; each later one waits twice as long.
  var firstSeconds = 0.5
  /// The longest time between two tries, in seconds.
  var longestSeconds = 20.0

  /// The seconds before a retry.
  ///
  /// - Parameters:
  ///   - number: Counted from 0.
  ///   - wanted: What the server asks for; never less is waited.
  ///   - generator: Draws the jitter.
  /// - Returns: The seconds.
  func seconds(
    beforeRetry number: Int,
    wanted: Double?,
    using generator: inout SeededGenerator
  ) -> Double {
    var whole = firstSeconds
    for _ in 0..<min(max(number, 0), 60) { whole = min(whole * 2, longestSeconds) }
    let drawn = Double.random(in: 0.5...1, using: &generator) * whole
    return max(drawn, wanted ?? 0)
  }
}

/// The value of a `Retry-After` header (RFC 9110, section 10.2.3).
enum RetryAfter {
  /// Some thirty years: longer times are no numbers that one can reckon with.
  private static let longest = 1e9

  /// Reads a number of seconds or a date.
  ///
  /// - Parameters:
  ///   - text: The header's value.
  ///   - now: Seconds since 1970.
  /// - Returns: The seconds to wait, 0 for a time that is over; nil when it cannot be read.
  static func seconds(_ text: String, now: Double) -> Double? {
    let words = text.split { $0.isWhitespace }
    if words.count == 1, let seconds = Double(words[0]), seconds.isFinite {
      return min(max(0, seconds), longest)
    }
    return time(text).map { min(max(0, $0 - now), longest) }
  }

  /// Seconds since 1970 of a date such as `Sun, 06 Nov 1994 08:49:37 GMT`, in any of the three forms
  /// that the standard knows.
  private static func time(_ text: String) -> Double? {
    let parts = text.split { " -,".contains($0) }.map(String.init)
    let clock = parts.first { $0.contains(":") }?.split(separator: ":").map { Int($0) } ?? []
    guard clock.count == 3, let hour = clock[0], let minute = clock[1], let second = clock[2],
      let month = parts.compactMap({ months.firstIndex(of: $0.lowercased()) }).first
    else { return nil }
    let numbers = parts.compactMap { Int($0) }
    guard numbers.count == 2, (1...31).contains(numbers[0]) else { return nil }
    let year = numbers[1] < 100 ? numbers[1] + (numbers[1] < 70 ? 2000 : 1900) : numbers[1]
    guard (1970...9999).contains(year), (0..<24).contains(hour), (0..<60).contains(minute),
      (0...60).contains(second)
    else { return nil }
    let days = daysSince1970(year: year, month: month + 1, day: numbers[0])
    return Double(((days * 24 + hour) * 60 + minute) * 60 + second)
  }

  /// The days of a date of the Gregorian calendar; years are counted from March, so that the leap
  /// day is the last.
  private static func daysSince1970(year: Int, month: Int, day: Int) -> Int {
    let year = month < 3 ? year - 1 : year
    let sinceMarch = (month + 9) % 12
    let dayOfYear = (153 * sinceMarch + 2) / 5 + day - 1
    return year * 365 + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
  }

  private static let months = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
  ]
}
