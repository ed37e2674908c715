import CProcess
import Dispatch
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The private folder that holds all copies, `heal-<uid>-<random>` in the temporary folder.
///
/// A guard process removes it when this process ends, however it ends. A folder that lost its
/// guard too is removed when the next one is made.
public final class WorkFolder: Sendable {
  /// The folder's absolute path.
  public let path: String
  private let lock: Descriptor
  private let lifeline: Descriptor
  private let guardian: pid_t
  private let copies = Mutex(0)

  /// Makes a folder that only its owner can enter, and starts its guard.
  ///
  /// - Parameter environment: The environment, for `TMPDIR` and `HEAL_LAUNCHER`.
  /// - Throws: ``SandboxError`` when the folder or the guard cannot be made.
  public convenience init(environment: [String: String]) throws {
    let named = environment["TMPDIR"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "/tmp"
    try self.init(base: resolvedPath(named), launcher: Launcher(environment: environment))
  }

  init(base: String, launcher: Launcher) throws {
    (path, lock) = try Self.makeLockedFolder(in: base)
    let (ours, theirs) = try makeSocketPair()
    lifeline = ours
    guardian = try launcher.spawn(
      arguments: ["guard", base, path],
      environment: [:],
      descriptors: [(theirs.number, Launcher.controlDescriptor)]
    )
  }

  private static func makeLockedFolder(in base: String) throws -> (String, Descriptor) {
    for _ in 0..<100 {
      let template = strdup("\(base)/heal-\(getuid())-XXXXXX")
      defer { free(template) }
      guard let made = template.flatMap({ mkdtemp($0) }) else {
        throw SandboxError.file(path: base, operation: "make a work folder in", code: errno)
      }
      let path = String(cString: made)
      let number = open(path + "/lock", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      guard number >= 0 else {
        throw SandboxError.file(path: path + "/lock", operation: "make", code: errno)
      }
      let lock = Descriptor(number)
      // Another start may sweep the folder between its making and its locking: then try again.
      if cprocess_lock_shared(number) == 0, look(at: path + "/lock") != nil { return (path, lock) }
    }
    throw SandboxError.file(path: base, operation: "make a work folder in", code: EEXIST)
  }

  /// Makes an empty folder inside.
  func makeSubfolder(_ name: String) throws -> String {
    let number = copies.withLock { count in
      count += 1
      return count
    }
    let folder = "\(path)/\(name)-\(number)"
    try makeFolder(folder)
    return folder
  }

  /// Removes the folder with all copies and waits until it is gone; later calls do nothing.
  public func remove() async {
    lock.close()
    guard lifeline.closeOnce() else { return }
    let guardian = guardian
    try? await offCooperativePool("remove") { cprocess_reap(guardian) }
  }
}
