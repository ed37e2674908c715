import Foundation
public import Healing

/// The cache of verdicts: in the folder of the tool's state, a file for each program and all that
/// decides about it.
///
/// It may be deleted at any time. What cannot be read or written is as if it were not there.
public struct VerdictFiles: Sendable {
  /// How much is kept.
  public struct Limits: Sendable, Hashable {
    /// The verdicts of one program.
    public var names: Int
    /// The bytes of all files.
    public var bytes: Int

    /// Makes limits.
    public init(names: Int = 500_000, bytes: Int = 64 << 20) {
      self.names = names
      self.bytes = bytes
    }
  }

  private static let header = Array("heal verdicts 1\n".utf8)
  /// The bytes of one verdict: a name of 8, how far it got in 4.
  private static let row = 12
  /// Stands for a candidate that cannot run.
  private static let cannotRun = Int32.min

  private let folder: String
  private let limits: Limits

  /// A cache below the folder of the tool's state.
  ///
  /// - Parameters:
  ///   - state: An absolute path, such as ``stateFolder(environment:currentFolder:)`` gives.
  ///   - limits: How much is kept.
  public init(in state: String, limits: Limits = Limits()) {
    folder = state + "/verdicts"
    self.limits = limits
  }

  /// The cache as the healing loop uses it.
  public var cache: VerdictCache {
    VerdictCache(
      known: { known(of: $0) },
      add: { try? add($1, to: $0) }
    )
  }

  private func path(of content: String) -> String { folder + "/" + content.prefix(32) }

  private func known(of content: String) -> VerdictCache.Verdicts {
    guard let bytes = try? bytesOfFile(path(of: content)), bytes.starts(with: Self.header),
      (bytes.count - Self.header.count).isMultiple(of: Self.row)
    else { return [:] }
    var verdicts: VerdictCache.Verdicts = [:]
    verdicts.reserveCapacity(bytes.count / Self.row)
    for start in stride(from: Self.header.count, to: bytes.count, by: Self.row) {
      let name = bytes[start..<start + 8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      let reach = bytes[start + 8..<start + Self.row].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      let progress = Int32(bitPattern: reach)
      verdicts[name] = progress == Self.cannotRun ? .cannotRun : .reached(progress)
    }
    return verdicts
  }

  private func add(_ verdicts: VerdictCache.Verdicts, to content: String) throws {
    guard content.allSatisfy(\.isHexDigit) else { return }
    try FileManager.default.createDirectory(
      atPath: folder,
      withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700]
    )
    var known = known(of: content)
    // A program that long searches tried in vain keeps what was found first.
    for (name, verdict) in verdicts.sorted(by: { $0.key < $1.key })
    where known.count < limits.names && known[name] == nil { known[name] = verdict }
    var bytes = Self.header
    bytes.reserveCapacity(bytes.count + known.count * Self.row)
    for (name, verdict) in known.sorted(by: { $0.key < $1.key }) {
      for shift in stride(from: 56, through: 0, by: -8) {
        bytes.append(UInt8(truncatingIfNeeded: name >> UInt64(shift)))
      }
      let progress = if case .reached(let progress) = verdict { progress } else { Self.cannotRun }
      let reach = UInt32(bitPattern: progress)
      for shift in stride(from: 24, through: 0, by: -8) {
        bytes.append(UInt8(truncatingIfNeeded: reach >> UInt32(shift)))
      }
    }
    try replaceFile(path(of: content), with: bytes)
    try prune()
  }

  /// Removes the files that were not changed for longest while all are too large.
  private func prune() throws {
    var files = try FileManager.default.contentsOfDirectory(atPath: folder).compactMap { name in
      try fileStatus(folder + "/" + name).map { status in
        (path: folder + "/" + name, size: Int(status.st_size), changed: status.st_mtim.tv_sec)
      }
    }
    files.sort { ($0.changed, $0.path) > ($1.changed, $1.path) }
    var total = files.reduce(0) { $0 + $1.size }
    while total > limits.bytes, files.count > 1, let oldest = files.popLast() {
      try removeFile(oldest.path)
      total -= oldest.size
    }
  }
}
