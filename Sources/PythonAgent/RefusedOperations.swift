import Foundation
import Healing
import HealingModel

/// What a text that a run printed tells of operations that the sandbox refused.
///
/// The agent notices what happens in the process that it watches. Of a command, and of processes
/// that a program starts, there is only what they print: the messages of the system, which every
/// language passes on.
///
/// - Parameters:
///   - text: What was printed.
///   - sandbox: What was in force.
///   - root: The program's folder; what fails to be written there is the program's own affair.
/// - Returns: Each operation once, in the order of the text.
func refusedOperations(in text: String, sandbox: SandboxReport, root: String) -> [RefusedOperation]
{
  guard sandbox.mechanism != "none" else { return [] }
  var found: [RefusedOperation] = []
  for line in text.split(whereSeparator: \.isNewline) {
    guard let refused = refusedOperation(in: line, sandbox, root), !found.contains(refused) else {
      continue
    }
    found.append(refused)
  }
  return found
}

private func refusedOperation(
  in line: Substring,
  _ sandbox: SandboxReport,
  _ root: String
) -> RefusedOperation? {
  let unreachable = [
    "Network is unreachable", "Temporary failure in name resolution", "Name or service not known",
    "Could not resolve host",
  ]
  if !sandbox.allowsNetwork, unreachable.contains(where: { line.contains($0) }) {
    return RefusedOperation(operation: "network", target: line.trimmingCharacters(in: .whitespaces))
  }
  // A call that names no file, such as a signal to a process outside.
  if line.hasSuffix("PermissionError: [Errno 1] Operation not permitted") {
    return RefusedOperation(operation: "a right", target: "that the program needs")
  }
  if line.contains("Read-only file system") || line.contains("Permission denied") {
    let path = line.firstMatch(of: /(\/[^'"\s:]+)/).map { String($0.1) }
    return path.flatMap {
      isOursAlone($0, root) ? RefusedOperation(operation: "write", target: $0) : nil
    }
  }
  if line.contains("No such file or directory") {
    let path = line.firstMatch(of: /(\/[^'"\s:]+)/).map { String($0.1) }
    return path.flatMap {
      isHidden($0, root) ? RefusedOperation(operation: "access to", target: $0) : nil
    }
  }
  if let name = line.firstMatch(of: /KeyError: '(\w+)'/)?.1, sandbox.withheld.contains(String(name))
  {
    return RefusedOperation(operation: "environment", target: String(name))
  }
  return nil
}

/// Whether the user may write a place outside of the program, so that only the sandbox refused it.
private func isOursAlone(_ path: String, _ root: String) -> Bool {
  guard isOutside(path, root) else { return false }
  let exists = access(path, F_OK) == 0
  return access(exists ? path : (path as NSString).deletingLastPathComponent, W_OK) == 0
}

/// Whether a place is there for the user, and is not for a program that says so: the sandbox hides
/// the user's temporary files and secrets.
private func isHidden(_ path: String, _ root: String) -> Bool {
  guard isOutside(path, root) else { return false }
  if access(path, F_OK) == 0 { return true }
  // A file that is to be made in a folder that is hidden.
  let folder = (path as NSString).deletingLastPathComponent
  return access(folder, F_OK) == 0
    && ["/tmp/", "/var/tmp/"].contains { folder.hasPrefix($0) }
}

private func isOutside(_ path: String, _ root: String) -> Bool {
  !([root] + ["/proc", "/sys", "/dev"]).contains { path == $0 || path.hasPrefix($0 + "/") }
}
