import Foundation

extension Context {
  /// The real world.
  ///
  /// - Parameters:
  ///   - now: Seconds since the tool started.
  ///   - interruption: Knows what to do when the user ends the tool.
  /// - Returns: The context.
  static func live(now: @escaping @Sendable () -> Double, interruption: Interruption) -> Context {
    let environment = ProcessInfo.processInfo.environment
    let folder = FileManager.default.currentDirectoryPath
    return Context(
      ports: Ports.live,
      commandLine: ["heal"] + CommandLine.arguments.dropFirst(),
      environment: environment,
      folder: resolvedPath(folder) ?? folder,
      home: environment["HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil },
      cores: ProcessInfo.processInfo.activeProcessorCount,
      console: .live(environment),
      input: { () throws(CommandError) in try RecordedInput.record(from: STDIN_FILENO) },
      now: now,
      cpu: {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
      },
      interruption: interruption
    )
  }
}

extension Console {
  /// The real terminal.
  static func live(_ environment: [String: String]) -> Console {
    Console(
      out: { write($0, to: STDOUT_FILENO) },
      err: { write($0, to: STDERR_FILENO) },
      style: Style(colours: isatty(STDOUT_FILENO) == 1 && Style.wantsColours(environment)),
      screen: Screen(descriptor: STDERR_FILENO, environment: environment),
      ask: askOnTerminal
    )
  }
}

/// Writes all of a text; a reader that went away is no error of ours.
private func write(_ text: String, to descriptor: Int32) {
  var bytes = Array(text.utf8)[...]
  while !bytes.isEmpty {
    let count = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
    if count < 0, errno == EINTR { continue }
    if count < 0, errno == EAGAIN {
      var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      _ = poll(&request, 1, 1000)
      continue
    }
    guard count > 0 else { return }
    bytes = bytes.dropFirst(count)
  }
}

/// Asks on the controlling terminal, whatever standard input and output are.
///
/// A background job has nobody to ask: reading would stop it.
private func askOnTerminal(_ question: String) -> Bool? {
  let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC)
  guard terminal >= 0 else { return nil }
  defer { close(terminal) }
  guard tcgetpgrp(terminal) == getpgrp() else { return nil }
  tcflush(terminal, TCIFLUSH)
  while true {
    write("\(question) [y/n] ", to: terminal)
    guard let answer = readLine(from: terminal) else { return false }
    switch answer.lowercased() {
    case "y", "yes": return true
    case "n", "no", "q": return false
    default: continue
    }
  }
}

/// One line without its end; nil at the end of the file or when the task is cancelled.
private func readLine(from descriptor: Int32) -> String? {
  var line: [UInt8] = []
  while !Task.isCancelled {
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&request, 1, 100) > 0 else { continue }
    var byte: UInt8 = 0
    guard read(descriptor, &byte, 1) == 1 else { return nil }
    if byte == UInt8(ascii: "\n") {
      return String(decoding: line, as: UTF8.self).filter { !$0.isWhitespace }
    }
    line.append(byte)
  }
  return nil
}
