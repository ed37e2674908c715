public import Healing

extension ProcessPort {
  /// Starts processes in private copies of a program, inside a sandbox.
  ///
  /// The program is copied once now, so that all runs see the same files whatever the user does to
  /// them meanwhile.
  ///
  /// - Parameters:
  ///   - root: The absolute path of the program's folder.
  ///   - sandbox: The mechanism, as probed.
  ///   - policy: What the user allows.
  ///   - work: The folder that holds the copies.
  /// - Returns: The port.
  /// - Throws: ``SandboxError`` when the program cannot be copied.
  public static func live(
    root: String,
    sandbox: Sandbox,
    policy: SandboxPolicy,
    work: WorkFolder
  ) async throws -> ProcessPort {
    let root = resolvedPath(root)
    let original = try await offCooperativePool("copy") {
      let secrets = SecretPlaces.existing(in: sandbox.homes) + policy.hidden.map(resolvedPath)
      return try ProgramCopy(of: root, in: work, leavingOut: secrets)
    }
    return ProcessPort(
      run: { command in
        let copy = try await prepared(command, original, sandbox, work)
        do {
          var result = try await sandbox.run(command, in: copy, of: work, policy: policy)
          let collect = command.collect
          result.collected = try await offCooperativePool("collect") {
            defer { copy.remove() }
            return copy.read(collect)
          }
          return result
        } catch {
          _ = try? await offCooperativePool("remove") { copy.remove() }
          throw error
        }
      },
      open: { command in
        let copy = try await prepared(command, original, sandbox, work)
        do {
          return try LiveChannel(command, copy: copy, work: work, sandbox: sandbox, policy: policy)
        } catch {
          copy.remove()
          throw error
        }
      },
      runTrusted: { argv, environment in try await sandbox.runTrusted(argv, environment) },
      sandbox: sandbox.report(under: policy)
    )
  }

  /// A fresh copy with the command's files laid over it.
  private static func prepared(
    _ command: ChildCommand,
    _ original: ProgramCopy,
    _ sandbox: Sandbox,
    _ work: WorkFolder
  ) async throws -> ProgramCopy {
    try await offCooperativePool("copy") {
      let copy = try ProgramCopy(of: original, in: work)
      if !sandbox.mechanism.mountsProgram { copy.linkPassthrough() }
      try copy.lay(command.overlay)
      return copy
    }
  }
}
