import CProcess

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A private copy of a program's folder, with a scratch folder beside it.
struct ProgramCopy: Sendable {
  /// The most bytes that are copied.
  static let byteLimit: UInt64 = 200 << 20
  /// The most files that are copied.
  static let fileLimit = 20_000

  private static let skippedFolders: Set<String> = [
    ".git", ".hg", ".svn", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".tox",
    ".nox",
  ]

  /// The folder that holds all of this copy.
  let home: String
  /// The user's own folder, links resolved.
  let root: String
  /// Relative paths of folders that are too large to copy and are only read, such as environments.
  private(set) var passthrough: [String] = []
  /// What was left out and a person should know of.
  private(set) var notes: [String] = []

  /// The copy of the root.
  var folder: String { home + "/program" }
  /// The folder for temporary files and the private home folder.
  var scratch: String { home + "/scratch" }

  /// Copies the folder at `root`.
  ///
  /// - Parameters:
  ///   - root: An absolute path, links resolved.
  ///   - work: Where copies live.
  ///   - hidden: Paths that are left out since they hold secrets.
  /// - Throws: ``SandboxError`` when it is too large or cannot be read.
  init(of root: String, in work: WorkFolder, leavingOut hidden: [String] = []) throws {
    self.root = root
    home = try work.makeSubfolder("copy")
    var walk = Walk(skipped: Set(hidden).union([work.path]), root: root)
    try walk.copyFolder("", to: folder)
    passthrough = walk.passthrough
    notes = walk.notes
    try makeScratch()
  }

  /// Copies a copy, which costs no second look at the user's files.
  init(of other: ProgramCopy, in work: WorkFolder) throws {
    root = other.root
    home = try work.makeSubfolder("copy")
    passthrough = other.passthrough
    notes = other.notes
    var walk = Walk(skipped: [], root: other.folder)
    try walk.copyFolder("", to: folder)
    try makeScratch()
  }

  private func makeScratch() throws {
    for folder in ["", "/home", "/var-tmp"] { try makeFolder(scratch + folder) }
    chmod(scratch, 0o1777)
    chmod(scratch + "/var-tmp", 0o1777)
  }

  /// Writes files over the copy's.
  ///
  /// - Parameter files: Bytes by path relative to the root.
  /// - Throws: ``SandboxError`` for a path that leads outside, or a file that cannot be written.
  func lay(_ files: [String: [UInt8]]) throws {
    for (path, bytes) in files.sorted(by: { $0.key < $1.key }) {
      guard let target = inside(path) else {
        throw SandboxError.file(path: path, operation: "write outside of the program", code: EPERM)
      }
      try makeParents(of: path)
      let mode = look(at: target).map { $0.is_file ? $0.mode & 0o777 : 0o644 } ?? 0o644
      unlink(target)
      try write(bytes, to: target, mode: mode)
    }
  }

  /// Reads files of the copy that are there and are files.
  func read(_ paths: [String]) -> [String: [UInt8]] {
    var found: [String: [UInt8]] = [:]
    for path in paths {
      guard let target = inside(path), let bytes = readFile(target) else { continue }
      found[path] = bytes
    }
    return found
  }

  /// Puts links to the folders that were not copied, for a mechanism that mounts nothing.
  func linkPassthrough() {
    for path in passthrough { symlink(root + "/" + path, folder + "/" + path) }
  }

  /// Removes the copy with all that was left in it.
  func remove() { _ = cprocess_remove(home) }

  private func inside(_ path: String) -> String? {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard !path.isEmpty, !parts.contains(""), !parts.contains("..") else { return nil }
    // A link to a folder outside would lead a write there.
    var at = folder
    for part in parts.dropLast() {
      at += "/" + part
      if let entry = look(at: at), entry.is_link, !lies(resolvedPath(at), in: folder) { return nil }
    }
    return folder + "/" + path
  }

  private func makeParents(of path: String) throws {
    var at = folder
    for part in path.split(separator: "/").dropLast() {
      at += "/" + part
      if look(at: at) == nil { try makeFolder(at) }
    }
  }

  private func write(_ bytes: [UInt8], to path: String, mode: mode_t) throws {
    let number = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard number >= 0 else {
      throw SandboxError.file(path: path, operation: "write", code: errno)
    }
    let file = Descriptor(number)
    var rest = bytes[...]
    while !rest.isEmpty {
      let wrote = rest.withUnsafeBytes { Glibc.write(number, $0.baseAddress, $0.count) }
      guard wrote > 0 || errno == EINTR else {
        throw SandboxError.file(path: path, operation: "write", code: errno)
      }
      rest = rest.dropFirst(max(wrote, 0))
    }
    fchmod(number, mode)
    file.close()
  }

  private func readFile(_ path: String) -> [UInt8]? {
    guard let entry = look(at: path), entry.is_file, entry.size <= Self.byteLimit else {
      return nil
    }
    let number = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard number >= 0 else { return nil }
    let file = Descriptor(number)
    defer { file.close() }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    while bytes.count <= Int(Self.byteLimit) {
      let got = Glibc.read(number, &buffer, buffer.count)
      if got < 0, errno == EINTR { continue }
      guard got > 0 else { return got == 0 ? bytes : nil }
      bytes += buffer[..<got]
    }
    return nil
  }

  /// One walk over a folder, copying as it goes.
  private struct Walk {
    let skipped: Set<String>
    let root: String
    var passthrough: [String] = []
    var notes: [String] = []
    var bytes: UInt64 = 0
    var files = 0

    init(skipped: Set<String>, root: String) {
      self.skipped = skipped
      self.root = root
    }

    mutating func copyFolder(_ relative: String, to target: String) throws {
      let source = relative.isEmpty ? root : root + "/" + relative
      try makeFolder(target)
      for name in try names(in: source) {
        let path = relative.isEmpty ? name : relative + "/" + name
        guard let entry = look(at: root + "/" + path), !skipped.contains(root + "/" + path) else {
          continue
        }
        if entry.is_folder, isLeftOut(path, name) { continue }
        try copy(path, entry, to: target + "/" + name)
      }
      if let entry = look(at: source) { chmod(target, (entry.mode & 0o777) | 0o700) }
    }

    private mutating func isLeftOut(_ path: String, _ name: String) -> Bool {
      let isEnvironment = look(at: root + "/" + path + "/pyvenv.cfg") != nil
      if isEnvironment || name == "node_modules" { passthrough.append(path) }
      return isEnvironment || name == "node_modules" || ProgramCopy.skippedFolders.contains(name)
    }

    private mutating func copy(_ path: String, _ entry: cprocess_entry, to target: String) throws {
      if entry.is_folder { return try copyFolder(path, to: target) }
      try count(entry)
      if entry.is_link {
        try copyLink(root + "/" + path, to: target)
      } else if entry.is_file {
        let code = cprocess_copy_file(root + "/" + path, target, entry.mode)
        if code == EACCES {
          notes.append("\(path) cannot be read and is not in the copy")
        } else {
          try check(code, "copy", root + "/" + path)
        }
      } else {
        notes.append("\(path) is neither file nor folder and is not in the copy")
      }
    }

    private mutating func count(_ entry: cprocess_entry) throws {
      files += 1
      bytes += entry.is_file ? entry.size : 0
      if files > ProgramCopy.fileLimit {
        throw SandboxError.programTooLarge(
          root: root,
          what: "more than \(ProgramCopy.fileLimit) files"
        )
      }
      if bytes > ProgramCopy.byteLimit {
        throw SandboxError.programTooLarge(
          root: root,
          what: "more than \(ProgramCopy.byteLimit >> 20) MB"
        )
      }
    }

    private func copyLink(_ source: String, to target: String) throws {
      var text = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
      let length = readlink(source, &text, text.count - 1)
      guard length >= 0, symlink(text, target) == 0 else {
        throw SandboxError.file(path: source, operation: "copy the link", code: errno)
      }
    }
  }
}
