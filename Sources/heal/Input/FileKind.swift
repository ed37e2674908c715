import Foundation

/// What stands at a path, symbolic links followed.
enum FileKind: Hashable {
  /// Nothing.
  case missing
  /// A folder.
  case folder
  /// A regular file of this many bytes.
  case file(size: Int)
  /// A pipe, a device or a socket.
  case special
  /// A symbolic link that leads back to itself.
  case loop
  /// Something that this user may not look at.
  case closed

  /// Looks at `path`.
  init(of path: String) {
    var info = stat()
    guard stat(path, &info) == 0 else {
      switch errno {
      case ELOOP: self = .loop
      case EACCES: self = .closed
      default: self = .missing
      }
      return
    }
    switch info.st_mode & S_IFMT {
    case S_IFDIR: self = .folder
    case S_IFREG: self = .file(size: Int(info.st_size))
    default: self = .special
    }
  }
}

/// The absolute path without symbolic links, `.` and `..`; nil when nothing is there.
func resolvedPath(_ path: String) -> String? {
  guard let pointer = realpath(path, nil) else { return nil }
  defer { free(pointer) }
  return String(cString: pointer)
}

/// `path` as seen from `folder`, unless it is absolute.
func absolutePath(_ path: String, from folder: String) -> String {
  path.hasPrefix("/") ? path : folder + (folder.hasSuffix("/") ? "" : "/") + path
}

/// The part of `path` below `folder`: empty for the folder itself, nil when it lies elsewhere.
func relativePath(_ path: String, in folder: String) -> String? {
  if path == folder { return "" }
  let prefix = folder.hasSuffix("/") ? folder : folder + "/"
  return path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : nil
}

/// The folder that holds `path`.
func parentFolder(of path: String) -> String {
  guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
  return String(path[..<slash])
}

/// The bytes of a file.
///
/// - Parameters:
///   - path: The file.
///   - limit: The largest size that is read.
/// - Returns: The bytes.
/// - Throws: `CommandError.usage` when it cannot be read or is larger.
func readFile(_ path: String, atMost limit: Int) throws(CommandError) -> [UInt8] {
  switch FileKind(of: path) {
  case .missing: throw .usage("there is no file \(path)")
  case .loop: throw .usage("\(path) is a symbolic link that leads back to itself")
  case .closed: throw .usage("\(path) cannot be read: permission denied")
  case .folder: throw .usage("\(path) is a folder, not a file")
  case .special: throw .usage("\(path) is a device, a pipe or a socket, not a file")
  case .file(let size):
    guard size <= limit else {
      throw .usage("\(path) has \(size) bytes; at most \(limit) are read")
    }
  }
  guard let data = FileManager.default.contents(atPath: path) else {
    throw .usage("\(path) cannot be read: permission denied")
  }
  return [UInt8](data)
}
