import Foundation
import HealingModel
import Scheduling
import Testing

@testable import heal

@Suite("The page of a failing schedule")
struct TracePageTests {
  private static let attack = "</script><img src=x onerror=\"injected=true\">'\"&"

  @Test("no text from the program becomes part of the page's markup or script")
  func escaping() {
    var run = TraceBuilder(threads: ["MainThread", Self.attack])
    run.start(1)
    run.add(1, .write, Self.attack, Self.attack, value: Self.attack, line: 3)
    var execution = run.run(raising: Self.attack, Self.attack, in: 1, line: 4, code: Self.attack)
    execution.limits = [Self.attack]
    let found = Explanation(of: FailedRun(execution: execution, line: { _ in Self.attack }))
    let page = found.html(
      TraceHeading(
        program: Self.attack,
        evidence: Self.attack,
        replay: Self.attack,
        notes: [Self.attack]
      )
    )
    #expect(!page.contains("<img"))
    #expect(page.ranges(of: "</script>").count == 2)
    #expect(page.contains("&lt;/script&gt;&lt;img src=x onerror=&quot;"))
    #expect(page.contains("\\u003c/script\\u003e"))
  }

  @Test("it needs no network and lets no script but its own run")
  func selfContained() throws {
    let page = TraceRenderingTests.lostUpdate().html(TraceRenderingTests.heading)
    for word in ["http:", "https:", "src=", "@import", "url(//"] {
      let places = page.ranges(of: word).map { page[$0.lowerBound...].prefix(40) }
      #expect(places.allSatisfy { $0.hasPrefix("http://www.w3.org/2000/svg") }, "\(places)")
    }
    #expect(page.contains("default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-"))
    #expect(page.contains("prefers-color-scheme: dark"))
  }

  @Test("what the script draws is all there: rows, locks, orders, switches, the run that passes")
  func data() throws {
    let data = TraceRenderingTests.lostUpdate().pageData
    guard case .array(let runs) = data["runs"] else {
      Issue.record("no runs")
      return
    }
    #expect(runs.count == 2)
    for part in ["rows", "locks", "orders", "switches", "conflict"] {
      guard case .array(let values) = runs[0][part] else {
        Issue.record("no \(part)")
        continue
      }
      #expect(!values.isEmpty, "\(part)")
    }
  }

  /// Runs the project's check of pages in Chromium; nil when there is none.
  private func check(_ pages: [String]) throws -> (status: Int32, text: String)? {
    let folder = FileManager.default.temporaryDirectory.appending(path: "heal-pages-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let files = try pages.enumerated().map { index, page in
      let file = folder.appending(path: "page\(index).html")
      try page.write(to: file, atomically: true, encoding: .utf8)
      return file.path
    }
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", projectFolder + "/scripts/check-trace-page"] + files
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return process.terminationStatus == 3 ? nil : (process.terminationStatus, text)
  }

  static let hasBrowser = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
    .contains { FileManager.default.isExecutableFile(atPath: "/usr/bin/\($0)") }

  @Test(
    "in Chromium no texts of a page overlap, also of 8 threads with 300 events each",
    .enabled(if: hasBrowser, "there is no Chromium on this machine"),
    .timeLimit(.minutes(30))
  )
  func overlap() throws {
    let explanations = [
      TraceRenderingTests.lostUpdate(
        threads: ["MainThread", Self.attack, "線程の名前はとても長いです (\(Self.attack))"]),
      TraceRenderingTests.deadlock(),
      RandomExplanations.make(seed: 5, threads: 8, events: 300),
    ]
    let good = try #require(try check(explanations.map { $0.html(TraceRenderingTests.heading) }))
    #expect(good.status == 0, "\(good.text)")
    let crowded = TraceRenderingTests.lostUpdate().html(TraceRenderingTests.heading)
      .replacing("const ROW = 24", with: "const ROW = 9")
    let bad = try #require(try check([crowded]))
    #expect(bad.status == 1, "rows that stand in each other are found: \(bad.text)")
  }
}
