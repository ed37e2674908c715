/// What is being healed, with how to run it.
public struct Program: Sendable, Hashable, Codable {
  /// How the program is started.
  public enum Entry: Sendable, Hashable, Codable {
    /// A script, relative to the root, with its arguments.
    case script(path: String, arguments: [String])
    /// A test suite: files, folders or node ids relative to the root, with the runner's arguments.
    case suite(targets: [String], arguments: [String])
    /// A command line for the shell, run in the working folder.
    case command(String)
  }
  /// The absolute path of the program's folder, symbolic links resolved.
  public var root: String
  /// The folder in which it runs, relative to the root; empty for the root itself.
  public var workingFolder: String
  /// How it is started.
  public var entry: Entry

  /// Makes a program.
  public init(root: String, workingFolder: String = "", entry: Entry) {
    self.root = root
    self.workingFolder = workingFolder
    self.entry = entry
  }
}

/// The decoded texts of a program's source files, by path relative to the root.
public struct Sources: Sendable, Hashable, Codable {
  /// The text of each file, byte-order mark left out, line ends as they are.
  public var texts: [String: String]

  /// Makes a set of sources.
  public init(_ texts: [String: String] = [:]) { self.texts = texts }

  /// The text of one file, or nil when the program has no such file.
  public subscript(path: String) -> String? {
    get { texts[path] }
    set { texts[path] = newValue }
  }

  /// The paths, sorted.
  public var paths: [String] { texts.keys.sorted() }

  /// The files whose text differs from that in `other`, with their text here.
  public func changes(since other: Sources) -> Sources {
    Sources(texts.filter { other.texts[$0.key] != $0.value })
  }
}
