import HealingModel

/// One run of a program of the tiny language.
struct TinyRun {
  /// What ends a run.
  enum End: Error {
    case raised(ObservedException)
    case exited(Int)
  }

  let program: TinyProgram
  /// Names that are given from outside.
  var inputs: [String: Int] = [:]
  /// The packages that are there.
  var installed: Set<String> = []

  private(set) var output = ""
  private(set) var coverage: [String: Set<Int>] = [:]
  private(set) var refused: [RefusedOperation] = []
  private(set) var threads = 0
  private var asking: [String] = []

  init(_ program: TinyProgram, inputs: [String: Int], installed: Set<String>) {
    self.program = program
    self.inputs = inputs
    self.installed = installed
  }

  /// Runs the program as a script.
  mutating func script() -> Observation {
    var end: End?
    do throws(End) {
      try execute()
    } catch {
      end = error
    }
    return observation(end)
  }

  /// Works out one name, as a test does.
  mutating func value(of name: String) -> Result<TinyValue, End> {
    do throws(End) {
      try prepare()
      return .success(try look(name, from: nil))
    } catch {
      return .failure(error)
    }
  }

  /// What the run showed.
  func observation(_ end: End?) -> Observation {
    var exit = Exit.code(0)
    var exception: ObservedException?
    switch end {
    case .raised(let raised):
      exit = .code(1)
      exception = raised
    case .exited(let code): exit = .code(code)
    case nil: break
    }
    return Observation(
      exit: exit,
      stdout: BoundedText(head: output),
      exception: exception,
      wall: 0.01,
      cpu: 0.01,
      threadsStarted: threads,
      coverage: coverage.mapValues { $0.sorted() },
      refused: refused
    )
  }

  private mutating func execute() throws(End) {
    if let error = program.errors.first {
      throw raised("SyntaxError", "this line does not parse", error.path, error.line)
    }
    for line in program.lines {
      switch line.statement {
      case .blank, .define: break
      case .show(let expression):
        cover(line)
        output += try value(of: expression, at: line).description + "\n"
      case .exit(let code):
        cover(line)
        throw .exited(code)
      case .command(let word, let operand):
        cover(line)
        try command(word, operand, at: line)
      }
    }
  }

  /// What a suite does before its first test: it imports the program.
  private mutating func prepare() throws(End) {
    if let error = program.errors.first {
      throw raised("SyntaxError", "this line does not parse", error.path, error.line)
    }
    for line in program.lines {
      if case .command(let word, let operand) = line.statement {
        try command(word, operand, at: line)
      }
    }
  }

  private mutating func command(
    _ word: String,
    _ operand: String,
    at line: TinyProgram.Line
  ) throws(End) {
    switch word {
    case "spawn": threads += 1
    case "fetch", "ask":
      refused.append(RefusedOperation(operation: "network", target: operand))
      if word == "fetch" { throw raised("ConnectionError", operand, line.path, line.number) }
    case "use":
      if !installed.contains(operand) {
        throw raised("ModuleNotFoundError", operand, line.path, line.number)
      }
    default: break
    }
  }

  private mutating func look(_ name: String, from line: TinyProgram.Line?) throws(End) -> TinyValue
  {
    if let input = inputs[name] { return .number(input) }
    let found = program.lines.last { line in
      if case .define(name, _) = line.statement { true } else { false }
    }
    guard let found, case .define(_, let expression) = found.statement else {
      throw raised("NameError", name, line?.path ?? "", line?.number ?? 0)
    }
    guard !asking.contains(name) else {
      throw raised("RecursionError", name, found.path, found.number)
    }
    asking.append(name)
    defer { asking.removeLast() }
    cover(found)
    return try value(of: expression, at: found)
  }

  private mutating func value(
    of expression: TinyExpression,
    at line: TinyProgram.Line
  ) throws(End) -> TinyValue {
    switch expression {
    case .value(let value): return value
    case .name(let name): return try look(name, from: line)
    case .binary(let sign, let left, let right):
      let (left, right) = (try value(of: left, at: line), try value(of: right, at: line))
      switch (sign, left, right) {
      case ("+", .number(let lhs), .number(let rhs)): return .number(lhs &+ rhs)
      case ("-", .number(let lhs), .number(let rhs)): return .number(lhs &- rhs)
      case ("*", .number(let lhs), .number(let rhs)): return .number(lhs &* rhs)
      case ("/", .number(let lhs), .number(let rhs)) where rhs != 0: return .number(lhs / rhs)
      case ("/", .number, .number): throw raised("ZeroDivisionError", "", line.path, line.number)
      case ("+", .text(let lhs), .text(let rhs)): return .text(lhs + rhs)
      default: throw raised("TypeError", "\(left) \(sign) \(right)", line.path, line.number)
      }
    }
  }

  private mutating func cover(_ line: TinyProgram.Line) {
    coverage[line.path, default: []].insert(line.number)
  }

  private func raised(_ type: String, _ message: String, _ path: String, _ line: Int) -> End {
    .raised(
      ObservedException(
        type: type,
        message: message,
        frames: [Frame(path: path, line: line, function: "main")]
      )
    )
  }
}
