import Healing
import HealingModel
import Search

/// A reply of which only the arrival counts.
struct Nothing: Decodable {}

/// One edit as `edits` lists it.
struct WireEditRow: Decodable {
  var edit: SearchEdit

  init(from decoder: any Decoder) throws {
    var row = try decoder.unkeyedContainer()
    let id = try row.decode(Int.self)
    let kind = try row.decode(String.self)
    let path = try row.decode(String.self)
    let start = TextPosition(line: try row.decode(Int.self), column: try row.decode(Int.self))
    let end = TextPosition(line: try row.decode(Int.self), column: try row.decode(Int.self))
    edit = SearchEdit(
      id: id,
      kind: kind,
      path: path,
      range: TextRange(start: start, end: end),
      size: try row.decode(Int.self)
    )
    _ = try row.decode(String.self)  // the sentence, which was not asked for
    let twinOf = try row.decode(Int.self)
    if twinOf >= 0 { edit.twinOf = twinOf }
  }
}

/// What `evaluate` answers.
struct WireEvaluations: Decodable {
  struct Detail: Decodable {
    var passed: [Int]?
    var regressed: [Int]?
  }
  var results: [[Int]]
  var digests: [String]
  var depth: String
  var details: [String: Detail]

  var evaluations: [Evaluation] {
    results.enumerated().map { index, row in
      let detail = details["\(index)"]
      return Evaluation(
        status: row.first.flatMap(Evaluation.Status.init) ?? .died,
        progress: row.count > 1 ? row[1] : 0,
        digest: digests.indices.contains(index) ? digests[index] : "",
        passing: detail?.passed ?? [],
        regressed: detail?.regressed ?? []
      )
    }
  }
}
