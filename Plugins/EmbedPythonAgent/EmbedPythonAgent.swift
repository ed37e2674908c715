import Foundation
import PackagePlugin

/// Turns the Python agent's files into one Swift file of raw string literals.
@main
struct EmbedPythonAgent: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) async throws -> [Command] {
    let folder = target.directoryURL.appending(path: "Agent")
    let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedAgent.swift")
    let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".py") }.sorted().map { folder.appending(path: $0) }
    return [
      .buildCommand(
        displayName: "Embedding the Python agent",
        executable: try context.tool(named: "embed-python-agent").url,
        arguments: [folder.path, output.path] + files.map(\.path),
        inputFiles: files,
        outputFiles: [output]
      )
    ]
  }
}
