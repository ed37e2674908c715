import SessionStore
import Testing

@Test(
  "the folder of the state",
  arguments: [
    (["HEAL_HOME": "/h/", "XDG_STATE_HOME": "/x", "HOME": "/u"], "/h"),
    (["HEAL_HOME": "sub", "HOME": "/u"], "/here/sub"),
    (["HEAL_HOME": "", "XDG_STATE_HOME": "/x", "HOME": "/u"], "/x/heal"),
    (["XDG_STATE_HOME": "relative", "HOME": "/u/"], "/u/.local/state/heal"),
    (["HOME": "/"], "/.local/state/heal"),
  ]
)
func stateFolders(environment: [String: String], expected: String) throws {
  #expect(try stateFolder(environment: environment, currentFolder: "/here") == expected)
}

@Test("no home, no folder, and words for it")
func noHome() {
  #expect(throws: StoreError.noHome) { try stateFolder(environment: ["PATH": "/bin"]) }
  #expect(StoreError.noHome.description.contains("HEAL_HOME"))
}
