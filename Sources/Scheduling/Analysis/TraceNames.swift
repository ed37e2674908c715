import HealingModel

/// What the numbers of a trace are called.
struct TraceNames {
  let trace: ExecutionTrace
  /// Locks that belong to a condition, which a person knows by the condition's name.
  private let inner: [String: String]

  init(_ trace: ExecutionTrace) {
    self.trace = trace
    var inner: [String: String] = [:]
    let conditions = Set(
      trace.objects.values.filter { $0.role == .condition || $0.role == .event }.map(\.name)
    )
    for object in trace.objects.values {
      for suffix in ["._cond._lock", "._lock"] where object.name.hasSuffix(suffix) {
        let owner = String(object.name.dropLast(suffix.count))
        if conditions.contains(owner) { inner[object.name] = owner }
      }
    }
    self.inner = inner
  }

  /// The name of an object as a report shows it.
  func shown(_ name: String) -> String { inner[name] ?? name }

  /// The name of an event's object.
  func object(_ event: TraceEvent) -> String {
    trace.object(event).map { shown($0.name) } ?? ""
  }

  /// The name of a lock.
  func name(ofLock lock: Int) -> String { trace.objects[lock].map { shown($0.name) } ?? "a lock" }

  /// The name of what an access is about, such as `account.balance` or `cache['a']`.
  func subject(_ event: TraceEvent) -> String {
    guard let object = trace.object(event) else { return "" }
    guard event.kind.isAccess, let field = trace.text(event.field), !field.isEmpty else {
      return shown(object.name)
    }
    switch object.role {
    case .globals, .variables: return field
    default: break
    }
    if object.name == "globals" || object.name == "variables" { return field }
    return isIdentifier(field) ? "\(object.name).\(field)" : "\(object.name)[\(field)]"
  }

  /// The text of the value that was read or written.
  func value(_ event: TraceEvent) -> String? { event.value.flatMap(trace.text) }

  private func isIdentifier(_ text: String) -> Bool {
    text.first.map { $0.isLetter || $0 == "_" } == true
      && text.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
  }
}

extension SourcePlace {
  /// The place as `file:line`; empty where it is not known.
  var text: String {
    line == 0 ? path : "\(path.split(separator: "/").last.map(String.init) ?? path):\(line)"
  }
}
