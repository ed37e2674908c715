public import HealingModel
public import Scheduling

extension ScheduleFailure {
  /// Its name in reports.
  public var name: String {
    switch self {
    case .deadlock: "deadlock"
    case .hang: "hang"
    case .exception: "exception"
    case .exit: "exit"
    case .leak: "lock leak"
    case .output: "wrong output"
    }
  }

  /// What makes it the same in another run, as a text.
  public var signature: String {
    switch self {
    case .deadlock(let places), .hang(let places):
      ([name] + places.map(\.text)).joined(separator: " ")
    case .exception(let type, let place): "\(name) \(type) \(place.text)"
    case .exit(let status): "\(name) \(status)"
    case .leak(let locks): "\(name) \(locks.joined(separator: ", "))"
    case .output: name
    }
  }
}

extension SourcePlace {
  /// The place as a person writes it; empty where it is not known.
  public var text: String { path.isEmpty ? "" : line > 0 ? "\(path):\(line)" : path }
}

extension Execution {
  /// The name of a thread.
  public func name(of thread: Int) -> String {
    threads.indices.contains(thread) ? threads[thread] : "thread \(thread)"
  }

  /// What went wrong in the run, in a sentence.
  ///
  /// - Parameter failure: The failure that it has.
  /// - Returns: The sentence, names of threads and locks in it.
  public func summary(of failure: ScheduleFailure) -> String {
    switch failure {
    case .deadlock: waits(of: cycle.isEmpty ? blocked.map(\.thread) : cycle)
    case .hang: waits(of: blocked.map(\.thread))
    case .exception(let type, let place):
      exceptionText(type) + (place.text.isEmpty ? "" : " at \(place.text)")
    case .exit(let status): "the program ended with status \(status)"
    case .leak:
      leaks.map { "\(name(of: $0.thread)) ended and still holds \($0.lock)" }
        .joined(separator: ", ")
    case .output: "the output is not the expected one"
    }
  }

  private func waits(of those: [Int]) -> String {
    those.compactMap { number in blocked.first { $0.thread == number } }.map { one in
      let holder = one.kind == .join ? nil : one.holder.map { ", which \(name(of: $0)) holds" }
      return "\(name(of: one.thread)) \(one.want)\(holder ?? "")"
    }.joined(separator: "; ")
  }

  private func exceptionText(_ type: String) -> String {
    guard let first = exceptions.first(where: { $0.exception.type == type }) else { return type }
    let message = String(first.exception.message.prefix { !$0.isNewline }.prefix(200))
    return type + (message.isEmpty ? "" : ": \(message)") + " in \(name(of: first.thread))"
  }

  /// What two runs must have in common to be the same for the one who ran the program.
  var outcome: String {
    let raised = exceptions.map { "\($0.thread) \($0.exception.type): \($0.exception.message)" }
    let waiting = blocked.map { "\($0.thread) \($0.kind) \($0.place.text)" }
    let held = leaks.map { "\($0.thread) \($0.lock)" }
    return (["\(end) \(exitStatus)"] + raised + waiting + held + [output])
      .joined(separator: "\u{0}")
  }
}

extension BlockedThread {
  /// What the thread waits for, in words.
  public var want: String {
    switch kind {
    case .join: "waits for the end of \(object)"
    case .acquire: "waits to acquire \(object)"
    case .wait, .wake: "waits to be woken by \(object)"
    default: "waits for \(object)"
    }
  }
}
