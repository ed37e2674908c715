import Healing
import HealingModel
import Patching
import Testing

@Suite("why each change is there")
struct ReasonTests {
  @Test("each change has the reason of the edit that made it, and its finding's rule")
  func reasons() async throws {
    let session = try await healed(
      FakeAdapter.Script(
        "price : 3\n#\n#\nshow prise\n#\n#\none = '1'\nshow one * 2\n",
        .script(expected: "3\n2\n")
      )
    )
    #expect(session.report.status == .healed)
    let edits = session.report.patch.edits
    #expect(edits.map(\.range.start.line) == [1, 4, 7])
    for (edit, word) in zip(edits, ["`=` is missing", "`price` for `prise`", "`1` for `'1'`"]) {
      #expect(edit.reason.contains(word))
    }
  }

  @Test("a file keeps its own line ends, byte for byte", arguments: ["\n", "\r\n", "\r"])
  func lineEnds(end: String) async throws {
    let lines = ["price : 3", "show prise", "one = '1'", "show one * 2"]
    let session = try await healed(
      FakeAdapter.Script(lines.joined(separator: end), .script(expected: "3\n2\n"))
    )
    #expect(session.report.status == .healed)
    let mended = ["price = 3", "show price", "one = 1", "show one * 2"].joined(separator: end)
    #expect(session.report.files.map(\.after) == [Array(mended.utf8)])
  }

  @Test("changes of several files are all in the patch")
  func severalFiles() async throws {
    var script = FakeAdapter.Script("show prise\n", .script(expected: "3\n4\n"))
    script.sources["other"] = "price = '3'\nmore : price + 1\n"
    script.sources["main"] = "show prise * 1\nshow more\n"
    let session = try await healed(script)
    #expect(session.report.status == .healed)
    #expect(session.report.patch.paths == ["main", "other"])
    #expect(session.report.files.map(\.path) == ["main", "other"])
    #expect(try session.result["other"] == "price = 3\nmore = price + 1\n")
  }
}
