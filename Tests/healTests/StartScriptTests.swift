import Foundation
import Testing

/// `./heal`, which builds what the command line needs before it runs the tool.
@Suite("Start script")
struct StartScriptTests {
  /// Runs the script in a folder where building is only noted, and gives what was built.
  private func built(_ arguments: [String], model: String? = nil) async throws -> [String] {
    let folder = try TemporaryFolder()
    let script = try String(contentsOfFile: projectFolder + "/heal", encoding: .utf8)
    try folder.write(script, to: "heal")
    try folder.write("", to: "Package.swift")
    try folder.write("", to: "Sources/a.swift")
    try folder.write("", to: "Plugins/a.swift")
    try folder.write(
      """
      #!/bin/sh
      cd "${0%/*}/.."
      echo "built ${1:-}" >>noted
      mkdir -p .build-release/release
      printf '#!/bin/sh\\necho "ran $*" >>noted\\n' >.build-release/release/heal
      chmod +x .build-release/release/heal
      touch -d '1 hour' .build-release/heal.stamp

      """,
      to: "scripts/build-release"
    )
    chmod(folder.path + "/scripts/build-release", 0o700)
    for _ in 0..<2 { try await run(folder, arguments, model: model) }
    let noted = try String(contentsOfFile: folder.path + "/noted", encoding: .utf8)
    let lines = noted.split(separator: "\n").map(String.init)
    #expect(lines.count { $0 == "ran " + arguments.joined(separator: " ") } == 2)
    return lines.filter { $0.hasPrefix("built") }
  }

  private func run(_ folder: TemporaryFolder, _ arguments: [String], model: String?) async throws {
    try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
      Thread.detachNewThread {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["./heal"] + arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        var environment = ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"]
        environment["HEAL_MODEL"] = model
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        done.resume(
          with: Result {
            try process.run()
            process.waitUntilExit()
          }
        )
      }
    }
  }

  @Test(
    "what needs no model builds none",
    arguments: [
      (["demo"], nil), (["run", "app.py", "--model", "x"], nil), (["diagnose", "--model"], nil),
      (["run", "--", "app", "--model"], nil), (["demo"], "m"),
      (["run", "--no-model", "app.py"], "m"),
    ] as [([String], String?)]
  )
  func without(arguments: [String], model: String?) async throws {
    #expect(try await built(arguments, model: model) == ["built "])
  }

  @Test(
    "what names a model builds what talks to it",
    arguments: [
      (["model"], nil), (["model", "--json"], nil), (["run", "--model", "x", "app.py"], nil),
      (["run", "--model=x", "app.py"], nil), (["test", "--base-url", "http://x"], nil),
      (["run", "app.py"], "m"), (["test"], "m"),
    ] as [([String], String?)]
  )
  func with(arguments: [String], model: String?) async throws {
    // The stub makes no heal-model, so that the second start asks for it again.
    #expect(
      try await built(arguments, model: model) == ["built --model", "built --model"]
    )
  }
}
