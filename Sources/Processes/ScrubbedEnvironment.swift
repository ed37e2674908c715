/// The environment of a child: an allow-list, so that a new kind of secret is left out by default.
struct ScrubbedEnvironment {
  private static let allowed: Set<String> = [
    "PATH", "LANG", "LANGUAGE", "TZ", "TERM", "COLUMNS", "LINES", "USER", "LOGNAME", "SHELL",
    "LD_LIBRARY_PATH", "VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONPATH", "PYTHONHOME", "PYTHONUTF8",
    "PYTHONIOENCODING", "PYTHONHASHSEED", "PYTHONWARNINGS", "PYTHONOPTIMIZE", "PYTHONDEVMODE",
  ]

  /// One thread for each numeric library: two jobs on two cores must not start eight threads each.
  private static let singleThreaded = [
    "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
  ]

  let variables: [String: String]

  /// Picks from the user's environment.
  ///
  /// - Parameters:
  ///   - user: The environment of the tool itself.
  ///   - named: Names that the user lets through, whatever they hold.
  ///   - own: Variables of the command, which win.
  ///   - scratch: The private folder as the child sees it.
  init(user: [String: String], named: [String], own: [String: String], scratch: String) {
    let named = Set(named)
    var picked = user.filter { name, _ in
      Self.allowed.contains(name) || name.hasPrefix("LC_") || named.contains(name)
    }
    if picked["PATH"] == nil { picked["PATH"] = "/usr/local/bin:/usr/bin:/bin" }
    for name in Self.singleThreaded { picked[name] = "1" }
    picked["PYTHONDONTWRITEBYTECODE"] = "1"
    if !named.contains("HOME") { picked["HOME"] = scratch + "/home" }
    picked["TMPDIR"] = scratch
    variables = picked.merging(own) { _, command in command }
  }
}
