import CProcess
import Dispatch
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The system's words for an error number.
func systemMessage(_ code: Int32) -> String { String(cString: strerror(code)) }

/// Runs work that blocks on a thread of its own, so that no task of the program waits for it.
func offCooperativePool<Result: Sendable>(
  _ label: String,
  _ work: @escaping @Sendable () throws -> Result
) async throws -> Result {
  let queue = DispatchQueue(label: "heal.\(label)")
  return try await withCheckedThrowingContinuation { continuation in
    queue.async { continuation.resume(with: Swift.Result { try work() }) }
  }
}

/// Throws when a call returned an error number.
func check(_ code: Int32, _ operation: String, _ path: String) throws(SandboxError) {
  guard code == 0 else { throw .file(path: path, operation: operation, code: code) }
}

/// A path with all links resolved, or as it is when it does not exist.
func resolvedPath(_ path: String) -> String {
  guard let resolved = realpath(path, nil) else { return path }
  defer { free(resolved) }
  return String(cString: resolved)
}

/// Whether `path` is `folder` or lies in it; both absolute and without a slash at the end.
func lies(_ path: String, in folder: String) -> Bool {
  folder == "/" || path == folder || path.hasPrefix(folder + "/")
}

/// What is at a path, a link not followed, or nil when nothing is.
func look(at path: String) -> cprocess_entry? {
  var entry = cprocess_entry()
  return cprocess_look(path, &entry) == 0 ? entry : nil
}

/// The names in a folder, sorted, so that every copy is made in the same order.
func names(in folder: String) throws(SandboxError) -> [String] {
  guard let listing = opendir(folder) else {
    throw .file(path: folder, operation: "read the folder", code: errno)
  }
  defer { closedir(listing) }
  var names: [String] = []
  while let item = readdir(listing) {
    let name = withUnsafePointer(to: &item.pointee.d_name) { pointer in
      pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if name != ".", name != ".." { names.append(name) }
  }
  return names.sorted()
}

/// Makes a folder that only its owner can use.
func makeFolder(_ path: String) throws(SandboxError) {
  guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
    throw .file(path: path, operation: "make the folder", code: errno)
  }
}

/// An open descriptor that is closed once, by whoever comes first.
final class Descriptor: Sendable {
  let number: Int32
  private let isOpen = Mutex(true)

  init(_ number: Int32) { self.number = number }

  deinit { close() }

  /// Closes the descriptor; later calls do nothing.
  func close() { _ = closeOnce() }

  /// Closes the descriptor; false when it was closed before.
  func closeOnce() -> Bool {
    isOpen.withLock { open in
      guard open else { return false }
      open = false
      closeDescriptor(number)
      return true
    }
  }

  /// Calls `body` with the number unless the descriptor is closed already.
  func whileOpen(_ body: (Int32) -> Void) {
    isOpen.withLock { if $0 { body(number) } }
  }
}

private func closeDescriptor(_ number: Int32) {
  #if canImport(Glibc)
    _ = Glibc.close(number)
  #else
    _ = Darwin.close(number)
  #endif
}

/// Both ends of a pipe.
func makePipe() throws(SandboxError) -> (read: Descriptor, write: Descriptor) {
  var pair: [Int32] = [-1, -1]
  try check(cprocess_pipe(&pair), "make", "a pipe")
  return (Descriptor(pair[0]), Descriptor(pair[1]))
}

/// Both ends of a connected socket.
func makeSocketPair() throws(SandboxError) -> (ours: Descriptor, theirs: Descriptor) {
  var pair: [Int32] = [-1, -1]
  try check(cprocess_socket_pair(&pair), "make", "a socket pair")
  return (Descriptor(pair[0]), Descriptor(pair[1]))
}

/// Makes reads and writes of a pipe return at once.
func setNonblocking(_ descriptor: Descriptor) {
  descriptor.whileOpen { _ = cprocess_set_nonblocking($0) }
}
