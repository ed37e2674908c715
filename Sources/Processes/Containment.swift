import CProcess
import Healing

/// What a child sees and may do, and the launcher's arguments that make it so.
struct Containment {
  /// One change to the file system that a mounting mechanism makes, in order.
  enum Mount: Hashable {
    case writable(from: String, at: String)
    case readable(from: String, at: String)
    /// An empty folder.
    case empty(at: String)
    /// An empty file.
    case null(at: String)
  }

  let mechanism: SandboxMechanism
  let policy: SandboxPolicy
  let copy: ProgramCopy
  let bubblewrap: String?
  let homes: [String]

  /// The root as the child sees it.
  var root: String { mechanism.mountsProgram ? copy.root : copy.folder }
  /// The scratch folder as the child sees it.
  var scratch: String { mechanism.mountsProgram ? "/tmp" : copy.scratch }

  /// Places of secrets, but for what the program itself needs: its own folder and what is visible.
  func hidden(_ visible: [String]) -> [String] {
    let places = SecretPlaces.existing(in: homes) + policy.hidden.map(resolvedPath)
    return places.filter { place in
      !(visible + [copy.root, copy.home]).contains { lies($0, in: place) }
    }
  }

  /// The whole plan of a mounting mechanism; later mounts lie over earlier ones.
  func mounts(visible: [String]) -> [Mount] {
    var mounts: [Mount] = []
    var covered = ["/tmp"]
    if look(at: "/run")?.is_folder == true {
      mounts.append(.empty(at: "/run"))
      covered.append("/run")
      // Where NixOS keeps its programs and drivers.
      var kept = ["/run/current-system", "/run/opengl-driver"]
      // Where names of the network are looked up.
      if policy.allowsNetwork { kept += ["/run/systemd/resolve", "/run/nscd", "/run/resolvconf"] }
      for path in kept where look(at: path) != nil {
        mounts.append(.readable(from: path, at: path))
      }
    }
    mounts.append(.writable(from: copy.scratch, at: "/tmp"))
    if look(at: "/var/tmp")?.is_folder == true {
      mounts.append(.writable(from: copy.scratch + "/var-tmp", at: "/var/tmp"))
      covered.append("/var/tmp")
    }
    let reopened = visible.filter { path in covered.contains { lies(path, in: $0) } }
    mounts += reopened.map { .readable(from: $0, at: $0) }
    for place in hidden(visible) {
      let isCovered = covered.contains { lies(place, in: $0) }
      guard !isCovered || reopened.contains(where: { lies(place, in: $0) }) else { continue }
      mounts.append(look(at: place)?.is_folder == true ? .empty(at: place) : .null(at: place))
    }
    mounts.append(.writable(from: copy.folder, at: copy.root))
    mounts += copy.passthrough.map {
      .readable(from: "\(copy.root)/\($0)", at: "\(copy.root)/\($0)")
    }
    mounts += visible.filter { path in
      lies(path, in: copy.root) && path != copy.root
        && !copy.passthrough.contains { lies(path, in: "\(copy.root)/\($0)") }
    }
    .map { .readable(from: $0, at: $0) }
    return mounts + policy.writable.map { .writable(from: $0, at: $0) }
  }

  /// Existing folders outside the program that must stay readable: those that the command names,
  /// those of the policy, and the interpreter's own.
  func visible(for command: ChildCommand) -> [String] {
    var paths = policy.visible + command.readable
    if let executable = command.argv.first, executable.hasPrefix("/") {
      for path in [executable, resolvedPath(executable)] { paths += Self.prefix(of: path) }
    }
    var seen: Set<String> = []
    return paths.filter { look(at: $0) != nil && seen.insert($0).inserted }
  }

  /// The installation that an executable belongs to: the folder above its `bin`, unless that is as
  /// wide as a system folder, which stays visible anyway.
  private static func prefix(of executable: String) -> [String] {
    let parts = executable.split(separator: "/")
    guard parts.count >= 2 else { return [] }
    let isInBin = parts[parts.count - 2] == "bin" && parts.count > 3
    let kept = isInBin ? parts.dropLast(2) : parts[...]
    return ["/" + kept.joined(separator: "/")]
  }

  /// What follows `supervise` on the launcher's command line.
  func arguments(for command: ChildCommand, launcher: Launcher, channel: Bool, lock: String)
    -> [String]
  {
    let visible = visible(for: command)
    let limits = command.limits
    var words = [
      "--lock", lock, "--memory", "\(limits.memory)", "--processes", "\(limits.processes)",
    ]
    if limits.cpu > 0 { words += ["--cpu", "\(Self.wholeSeconds(limits.cpu))"] }
    // A channel lives as long as it is used; each of its requests has a deadline of its own.
    if limits.wall > 0, !channel { words += ["--wall-ms", "\(max(1, Int(limits.wall * 1000)))"] }
    words.append("--")
    if mechanism == .bubblewrap {
      words += bubblewrapArguments(visible: visible) + [Launcher.ownPathInside]
    } else {
      words.append(launcher.path)
    }
    words += ["contain"] + containArguments(limits: limits, visible: visible, channel: channel)
    let folder = command.workingFolder.isEmpty ? root : "\(root)/\(command.workingFolder)"
    return words + ["--directory", folder, "--"] + argv(of: command, channel: channel)
  }

  private static func wholeSeconds(_ seconds: Double) -> Int { max(1, Int(seconds.rounded(.up))) }

  /// The program's own words; where nothing is mounted, paths of the program point into the copy.
  private func argv(of command: ChildCommand, channel: Bool) -> [String] {
    command.argv.enumerated().map { index, word in
      if channel, word == "{in}" { return "\(Launcher.channelInput)" }
      if channel, word == "{out}" { return "\(Launcher.channelOutput)" }
      let isOwn = index > 0 && !mechanism.mountsProgram && lies(word, in: copy.root)
      return isOwn ? copy.folder + word.dropFirst(copy.root.count) : word
    }
  }

  private func bubblewrapArguments(visible: [String]) -> [String] {
    var words = [bubblewrap ?? "bwrap", "--unshare-all", "--die-with-parent", "--as-pid-1"]
    if policy.allowsNetwork { words.append("--share-net") }
    words += ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
    for mount in mounts(visible: visible) {
      switch mount {
      case .writable(let source, let target): words += ["--bind", source, target]
      case .readable(let source, let target): words += ["--ro-bind", source, target]
      case .empty(let target): words += ["--tmpfs", target]
      case .null(let target): words += ["--ro-bind", "/dev/null", target]
      }
    }
    return words + ["--"]
  }

  private func containArguments(limits: ChildLimits, visible: [String], channel: Bool) -> [String] {
    var words = [
      "--memory", "\(limits.memory)", "--processes", "\(limits.processes)",
      "--file-size", "\(policy.fileSize)", "--open-files", "\(policy.openFiles)",
    ]
    if limits.cpu > 0 { words += ["--cpu", "\(Self.wholeSeconds(limits.cpu))"] }
    if channel { words.append("--channel") }
    if mechanism != .none { words.append("--harden") }
    if mechanism.mountsProgram {
      if mechanism == .bubblewrap { words.append("--init") }
    } else if mechanism != .none {
      words.append("--guard-signals")
    }
    if mechanism != .bubblewrap, mechanism != .none, !policy.allowsNetwork {
      words.append("--private-network")
    }
    switch mechanism {
    case .landlock:
      words.append("--landlock")
      for path in [copy.folder, copy.scratch] + policy.writable { words += ["--writable", path] }
      for path in hidden(visible) { words += ["--hidden", path] }
    case .namespaces:
      words.append("--namespaces")
      words += mountArguments(visible: visible)
    case .bubblewrap, .limits, .none:
      break
    }
    return words
  }

  private func mountArguments(visible: [String]) -> [String] {
    mounts(visible: visible).flatMap { mount in
      switch mount {
      case .writable(let source, let target): ["--mount-writable", source, target]
      case .readable(let source, let target): ["--mount-readable", source, target]
      case .empty(let target): ["--mount-empty", target]
      case .null(let target): ["--mount-null", target]
      }
    }
  }
}
