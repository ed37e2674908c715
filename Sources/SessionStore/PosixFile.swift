import Foundation

/// A system call on a file that failed.
struct SystemFailure: Error {
  /// The value of `errno`.
  var code: Int32
  /// The file.
  var path: String

  /// Takes the reason from `errno`; call it before anything else can set it.
  init(_ path: String) {
    code = errno
    self.path = path
  }

  init(code: Int32, path: String) {
    self.code = code
    self.path = path
  }

  /// The system's own words for the reason.
  var words: String { String(cString: strerror(code)) }
}

/// An open file, closed at the end of its life.
struct PosixFile: ~Copyable {
  let descriptor: Int32
  let path: String

  /// Opens a file; no program that is started later inherits it.
  init(_ path: String, _ flags: Int32, mode: mode_t = 0o600) throws {
    let opened = open(path, flags | O_CLOEXEC, mode)
    guard opened >= 0 else { throw SystemFailure(path) }
    descriptor = opened
    self.path = path
  }

  deinit { close(descriptor) }

  func bytes() throws -> [UInt8] {
    var result: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw SystemFailure(path) }
      if count == 0 { return result }
      result.append(contentsOf: chunk[..<count])
    }
  }

  func write(_ bytes: ArraySlice<UInt8>, at offset: Int) throws {
    var done = 0
    while done < bytes.count {
      let count = bytes.dropFirst(done).withUnsafeBytes {
        pwrite(descriptor, $0.baseAddress, $0.count, off_t(offset + done))
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw SystemFailure(path) }
      done += count
    }
  }

  func truncate(to length: Int) throws {
    guard ftruncate(descriptor, off_t(length)) == 0 else { throw SystemFailure(path) }
  }

  func setMode(_ mode: UInt32) throws {
    guard fchmod(descriptor, mode_t(mode)) == 0 else { throw SystemFailure(path) }
  }

  /// Waits until the contents are on the disk.
  func sync() throws {
    guard fsync(descriptor) == 0 else { throw SystemFailure(path) }
  }
}

/// The bytes of the file at `path`, or nil when there is none.
func bytesOfFile(_ path: String) throws -> [UInt8]? {
  do {
    return try PosixFile(path, O_RDONLY).bytes()
  } catch let failure as SystemFailure where failure.code == ENOENT {
    return nil
  }
}

/// What the system knows of the file at `path`, links not followed; nil when there is none.
func fileStatus(_ path: String) throws -> stat? {
  var status = stat()
  if lstat(path, &status) == 0 { return status }
  if errno == ENOENT { return nil }
  throw SystemFailure(path)
}

/// Waits until the names in a folder are on the disk.
func syncFolder(_ path: String) throws {
  try PosixFile(path, O_RDONLY | O_DIRECTORY).sync()
}

/// Removes a file that may be absent.
func removeFile(_ path: String) throws {
  guard unlink(path) == 0 || errno == ENOENT else { throw SystemFailure(path) }
}

/// The folder that holds `path`.
func parentFolder(of path: String) -> String {
  guard let slash = path.lastIndex(of: "/") else { return "." }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// Replaces a file of ours as a whole: a crash leaves the old bytes or the new ones.
func replaceFile(_ path: String, with bytes: [UInt8]) throws {
  let fresh = path + ".new"
  do {
    let file = try PosixFile(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW)
    try file.write(bytes[...], at: 0)
    try file.sync()
    guard rename(fresh, path) == 0 else { throw SystemFailure(path) }
  } catch {
    unlink(fresh)
    throw error
  }
  try syncFolder(parentFolder(of: path))
}

/// A lock between processes; it ends with its holder, however that one ends.
struct FolderLock: ~Copyable {
  private let file: PosixFile

  /// Waits for the lock at most `patience` seconds; nil when it stays taken.
  init?(_ path: String, patience: Double) throws {
    let file = try PosixFile(path, O_RDWR | O_CREAT | O_NOFOLLOW)
    guard try locks(file.descriptor, path: path, patience: patience) else { return nil }
    self.file = file
  }
}

private func locks(_ descriptor: Int32, path: String, patience: Double) throws -> Bool {
  var left = patience
  while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
    guard errno == EWOULDBLOCK || errno == EINTR else { throw SystemFailure(path) }
    guard left > 0 else { return false }
    usleep(20_000)
    left -= 0.02
  }
  return true
}
