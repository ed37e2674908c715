import Foundation
import Healing
import HealingModel

/// The parameters of the request `schedule`, written as JSON by hand: prefixes are many numbers.
struct WireScheduleRequest {
  /// What all requests of a program have in common: `run` and `files`.
  var program: [UInt8]
  var batch: ScheduleBatch

  /// The part that all requests of a program have in common.
  static func program(run: WireRun, files: [String: String]) throws -> [UInt8] {
    struct Common: Encodable {
      var run: WireRun
      var files: [String: String]
    }
    return Array(try JSONEncoder().encode(Common(run: run, files: files)).dropLast())
  }

  /// The object.
  var encoded: [UInt8] {
    var text = ",\"schedules\":["
    for (index, schedule) in batch.schedules.enumerated() {
      if index > 0 { text += "," }
      schedule.write(to: &text)
    }
    text += "],\"isolation\":\"\(batch.isolation.rawValue)\""
    text += ",\"timing\":\"\(batch.timing.rawValue)\""
    text += ",\"events\":\(batch.detail != .outcome),\"values\":\(batch.detail == .values)"
    text += ",\"limits\":{\"steps\":\(batch.limits.steps),\"wall\":\(batch.limits.wall)"
    text += ",\"timeouts\":\(batch.limits.timeouts)},\"seconds\":\(max(0, batch.seconds))"
    if batch.tellsModules { text += ",\"modules\":true" }
    text += ",\"shared\":"
    return program + Array(text.utf8) + ((try? Array(JSONEncoder().encode(batch.shared))) ?? [])
      + [UInt8(ascii: "}")]
  }
}

/// The parameters of the request `record`.
struct WireRecordRequest {
  /// What it has in common with requests for schedules: `run` and `files`.
  var program: [UInt8]
  var limits: RecordingLimits

  /// The object.
  var encoded: [UInt8] {
    let events = limits.events.map { ",\"events\":\($0)" } ?? ""
    return program + Array(",\"limits\":{\"wall\":\(max(1, limits.wall))\(events)}}".utf8)
  }
}

extension Schedule {
  fileprivate func write(to text: inout String) {
    text += "{\"prefix\":["
    for (index, run) in prefix.runs.enumerated() {
      text += "\(index > 0 ? "," : "")\(run.thread),\(run.count)"
    }
    text += "],"
    switch policy {
    case .continuing: text += "\"policy\":\"continue\"}"
    case .random(let seed): text += "\"policy\":\"random\",\"seed\":\(seed)}"
    case .priorities(let seed, let depth, let length):
      text += "\"policy\":\"pct\",\"seed\":\(seed),\"depth\":\(depth),\"length\":\(length)}"
    }
  }
}

/// What `schedule` answers.
struct WireScheduleReply {
  var results: [WireScheduleResult] = []
  var tables: [TraceTables] = []
  var modules: [ImportedModule] = []
  var cpu = 0.0

  init(_ reader: inout WireReader) throws {
    try reader.object { reader, name in
      switch name {
      case "results": try reader.array { results.append(try WireScheduleResult(&$0)) }
      case "tables": try reader.array { tables.append(try Self.table(&$0)) }
      case "modules": try reader.array { modules.append(try Self.module(&$0)) }
      case "cpu": cpu = try reader.number()
      default: try reader.skip()
      }
    }
  }

  /// The runs; as many as there are schedules, or fewer.
  func runs(of count: Int) throws -> ScheduledRuns {
    guard results.count <= count, cpu >= 0 else {
      throw AgentError.malformedReply("\(results.count) results of \(count) schedules")
    }
    var executions: [Execution] = []
    executions.reserveCapacity(results.count)
    for (index, result) in results.enumerated() {
      guard result.index == index else {
        throw AgentError.malformedReply("result \(index) says that it is \(result.index)")
      }
      let table = tables.indices.contains(result.table) ? tables[result.table] : TraceTables()
      executions.append(try result.execution(table))
    }
    return ScheduledRuns(executions: executions, modules: modules, cpu: cpu)
  }

  private static func module(_ reader: inout WireReader) throws -> ImportedModule {
    var module = ImportedModule(name: "", version: nil, path: "", hash: "")
    var number = 0
    try reader.array { reader in
      switch number {
      case 0: module.name = try reader.string()
      case 1: module.version = reader.null() ? nil : try reader.string()
      case 2: module.path = try reader.string()
      case 3: module.hash = try reader.string()
      default: throw reader.malformed("a module, its version, file and hash")
      }
      number += 1
    }
    guard number == 4 else { throw reader.malformed("a module, its version, file and hash") }
    return module
  }

  /// The one run of a recording.
  func recordedRun() throws -> RecordedRun {
    guard let execution = try runs(of: 1).executions.first else {
      throw AgentError.malformedReply("record: no run")
    }
    let times = results[0].times
    guard times.count == execution.trace?.events.count ?? 0,
      zip(times, times.dropFirst()).allSatisfy({ $0 <= $1 }), times.first ?? 0 >= 0
    else { throw AgentError.malformedReply("record: \(times.count) times of the events") }
    return RecordedRun(
      execution: execution,
      times: times,
      cut: results[0].cut.isEmpty ? nil : results[0].cut,
      unseen: results[0].unseen,
      cpu: cpu
    )
  }

  private static func table(_ reader: inout WireReader) throws -> TraceTables {
    var tables = TraceTables()
    try reader.object { reader, name in
      switch name {
      case "names": tables.names = try reader.strings()
      case "places": try reader.array { tables.places.append(try place(&$0)) }
      default: try reader.skip()
      }
    }
    return tables
  }

  private static func place(_ reader: inout WireReader) throws -> SourcePlace {
    var place = SourcePlace()
    var number = 0
    try reader.array { reader in
      switch number {
      case 0: place.path = try reader.string()
      case 1: place.line = try reader.integer()
      case 2: place.column = try reader.integer()
      default: throw reader.malformed("a path, a line and a column")
      }
      number += 1
    }
    guard number == 3, place.line >= 0, place.column >= 0 else {
      throw reader.malformed("a path, a line and a column")
    }
    return place
  }
}

/// One run as it travels: numbers of a table that comes after it.
struct WireScheduleResult {
  struct Blocked {
    var thread = 0
    var kind = ""
    var object = 0
    var place = 0
    var holder: Int?
    var holds: [Int] = []
    var call: String?
  }

  var index = -1
  var table = -1
  var end = ""
  var cut = ""
  var choices: [Int] = []
  var exit: Int?
  var output = ""
  var threads: [String] = []
  var shared: [String] = []
  var exceptions: [ThreadException] = []
  var blocked: [Blocked] = []
  var cycle: [Int] = []
  var leaks: [[Int]] = []
  var assumed: [Int] = []
  var isBounded = false
  var limits: [String] = []
  var unseen: [String] = []
  var times: [Int] = []
  var events: WireEvents?

  init(_ reader: inout WireReader) throws {
    try reader.object { reader, name in
      switch name {
      case "index": index = try reader.integer()
      case "table": table = try reader.integer()
      case "end": end = try reader.string()
      case "cut": cut = try reader.string()
      case "choices": choices = try reader.integers()
      case "exit": exit = reader.null() ? nil : try reader.integer()
      case "stdout": output = try reader.string()
      case "threads": threads = try reader.strings()
      case "shared": shared = try reader.strings()
      case "exceptions": try reader.array { exceptions.append(try Self.exception(&$0)) }
      case "blocked": try reader.array { blocked.append(try Self.blocked(&$0)) }
      case "cycle": cycle = try reader.integers()
      case "leaks": try reader.array { leaks.append(try $0.integers()) }
      case "assumed": assumed = try reader.integers()
      case "bounded": isBounded = try reader.bool()
      case "limits": limits = try reader.strings()
      case "unseen": unseen = try reader.strings()
      case "times": times = try reader.integers()
      case "events": events = try WireEvents(&reader)
      default: try reader.skip()
      }
    }
  }

  private static func exception(_ reader: inout WireReader) throws -> ThreadException {
    struct Number: Decodable { var thread: Int }
    let data = try reader.raw()
    do {
      return ThreadException(
        thread: try JSONDecoder().decode(Number.self, from: data).thread,
        exception: try JSONDecoder().decode(WireException.self, from: data).exception
      )
    } catch {
      throw reader.malformed("an exception")
    }
  }

  private static func blocked(_ reader: inout WireReader) throws -> Blocked {
    var one = Blocked()
    try reader.object { reader, name in
      switch name {
      case "thread": one.thread = try reader.integer()
      case "kind": one.kind = try reader.string()
      case "object": one.object = try reader.integer()
      case "place": one.place = try reader.integer()
      case "holder": one.holder = reader.null() ? nil : try reader.integer()
      case "holds": one.holds = try reader.integers()
      case "call": one.call = try reader.string()
      default: try reader.skip()
      }
    }
    return one
  }
}

/// The steps of a run as they travel: flat numbers.
struct WireEvents {
  var rows: [Int] = []
  var sets: [ThreadChoice] = []
  var objects: [Int] = []

  init(_ reader: inout WireReader) throws {
    try reader.object { reader, name in
      switch name {
      case "rows": rows = try reader.integers()
      case "sets": try reader.array { sets.append(try Self.choice(&$0)) }
      case "objects": objects = try reader.integers()
      default: try reader.skip()
      }
    }
  }

  private static func choice(_ reader: inout WireReader) throws -> ThreadChoice {
    var sets: [[Int]] = []
    try reader.array { sets.append(try $0.integers()) }
    guard sets.count == 2 else { throw reader.malformed("two sets of threads") }
    return ThreadChoice(ready: sets[0], timed: sets[1])
  }
}
