import Foundation

/// The process that records a session, told apart from a later one with the same number.
struct OwnerProcess: Codable, Hashable, Sendable {
  /// The process's number.
  var pid: Int32
  /// When it started, in the system's own count since its boot; empty where that is not known.
  var started: String
  /// Which boot that was; empty where that is not known.
  var boot: String

  /// This process.
  static var current: OwnerProcess { OwnerProcess(running: getpid()) }

  /// A process that runs now.
  init(running pid: Int32) {
    self.pid = pid
    started = startOfProcess(pid) ?? ""
    boot = bootName() ?? ""
  }

  /// Whether this very process still runs.
  var isAlive: Bool {
    guard boot == bootName() ?? "" else { return false }
    guard started.isEmpty else { return startOfProcess(pid) == started }
    return kill(pid, 0) == 0 || errno == EPERM
  }
}

/// The start time of a process that runs; nil for none, or for one that is dead and not yet reaped.
private func startOfProcess(_ pid: Int32) -> String? {
  guard let bytes = try? bytesOfFile("/proc/\(pid)/stat") else { return nil }
  // The second field is the program's name in parentheses, which may hold anything.
  let text = String(decoding: bytes, as: UTF8.self)
  guard let name = text.lastIndex(of: ")") else { return nil }
  let fields = text[text.index(after: name)...].split(separator: " ")
  guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
  return String(fields[19])
}

private func bootName() -> String? {
  guard let bytes = try? bytesOfFile("/proc/sys/kernel/random/boot_id") else { return nil }
  return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
}
