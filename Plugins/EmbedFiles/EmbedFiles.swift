import Foundation
import PackagePlugin

/// Turns files of a target into one Swift file of raw string literals, so that the binary needs no files beside it.
@main
struct EmbedFiles: BuildToolPlugin {
  /// What is embedded in which target.
  private static let parts: [String: (folder: String, suffixes: [String], constant: String)] = [
    "PythonAgent": ("Agent", [".py"], "embeddedAgentFiles"),
    "heal": ("Rendering/Trace/Page", [".css", ".js"], "embeddedPageFiles"),
  ]

  func createBuildCommands(context: PluginContext, target: any Target) async throws -> [Command] {
    guard let part = Self.parts[target.name] else { return [] }
    let folder = target.directoryURL.appending(path: part.folder)
    let output = context.pluginWorkDirectoryURL.appending(path: "\(part.constant).swift")
    let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
      .filter { name in part.suffixes.contains { name.hasSuffix($0) } }
      .sorted().map { folder.appending(path: $0) }
    return [
      .buildCommand(
        displayName: "Embedding \(part.folder)",
        executable: try context.tool(named: "embed-files").url,
        arguments: [part.constant, folder.path, output.path] + files.map(\.path),
        inputFiles: files,
        outputFiles: [output]
      )
    ]
  }
}
