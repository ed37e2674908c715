/// Where people keep what no program under repair needs to read.
enum SecretPlaces {
  /// Relative to the home folder.
  static let names = [
    ".ssh", ".aws", ".azure", ".gnupg", ".kube", ".docker", ".netrc", ".pgpass", ".my.cnf",
    ".npmrc", ".pypirc", ".git-credentials", ".config/gh", ".config/hub", ".config/gcloud",
    ".config/git/credentials", ".config/rclone", ".config/op", ".config/sops", ".vault-token",
    ".terraform.d", ".cargo/credentials.toml", ".gem/credentials", ".password-store",
    ".local/share/keyrings", ".mozilla", ".thunderbird", ".config/google-chrome",
    ".config/chromium", ".bash_history", ".zsh_history", ".python_history",
  ]

  /// Those that exist below one of the home folders, links resolved, each once.
  ///
  /// - Parameter homes: Absolute paths of home folders.
  /// - Returns: The absolute paths.
  static func existing(in homes: [String]) -> [String] {
    var seen: Set<String> = []
    return homes.flatMap { home in
      names.compactMap { name in
        let path = home + "/" + name
        guard look(at: path) != nil else { return nil }
        let resolved = resolvedPath(path)
        return seen.insert(resolved).inserted ? resolved : nil
      }
    }
  }
}
