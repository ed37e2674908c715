import Testing

@testable import heal

@Suite("Settings")
struct SettingsTests {
  private func settings(
    user: String? = nil,
    project: String? = nil,
    environment: [String: String] = [:]
  ) throws -> Settings {
    var world = try FakeWorld()
    world.environment = environment
    if let user { try world.folder.write(user, to: "home/.config/heal/config.json") }
    if let project { try world.folder.write(project, to: ".heal.json") }
    return try Settings.layered(root: world.folder.path, in: world.context)
  }

  @Test("each layer wins over the one before")
  func order() throws {
    #expect(try settings().budget == 60)
    #expect(try settings().jobs == 2)
    #expect(try settings(user: #"{"budget": 1}"#).budget == 1)
    #expect(try settings(user: #"{"budget": 1}"#, project: #"{"budget": 2.5}"#).budget == 2.5)
    let all = try settings(
      user: #"{"budget": 1, "seed": 4}"#,
      project: #"{"budget": 2, "jobs": 3}"#,
      environment: ["HEAL_BUDGET": "7"]
    )
    #expect((all.budget, all.seed, all.jobs) == (7, 4, 3))
  }

  @Test("XDG_CONFIG_HOME says where the user's file is")
  func configurationHome() throws {
    var world = try FakeWorld()
    world.environment["XDG_CONFIG_HOME"] = world.folder.path + "/xdg"
    try world.folder.write(#"{"attempts": 3}"#, to: "xdg/heal/config.json")
    #expect(try Settings.layered(root: nil, in: world.context).attempts == 3)
  }

  @Test("every key has a variable and takes its value from it")
  func variables() throws {
    let found = try settings(
      environment: [
        "HEAL_BUDGET": "1.5", "HEAL_BUDGET_EVALUATIONS": "9", "HEAL_ATTEMPTS": "2",
        "HEAL_JOBS": "5", "HEAL_SEED": "11", "HEAL_PYTHON": "/p", "HEAL_SANDBOX": "limits",
        "HEAL_ALLOW_NETWORK": "yes", "HEAL_ALLOW_WRITE": "/a:/b", "HEAL_ALLOW_ENV": "A,B",
        "HEAL_MODEL": "m,n@http://n.example/v1", "HEAL_BASE_URL": "u",
        "HEAL_MODEL_TOKENS": "400",
      ]
    )
    let expected = Settings(
      namedBudget: 1.5,
      budgetEvaluations: 9,
      attempts: 2,
      jobs: 5,
      seed: 11,
      python: "/p",
      sandbox: .limits,
      allowNetwork: true,
      allowWrite: ["/a", "/b"],
      allowEnv: ["A", "B"],
      models: ["m", "n@http://n.example/v1"],
      baseURL: "u",
      modelTokens: 400,
      root: nil
    )
    #expect(found == expected)
  }

  @Test(
    "a project may not choose what runs or how it is confined",
    arguments: [
      #"{"python": "/evil"}"#, #"{"sandbox": "none"}"#, #"{"model": "m"}"#, #"{"baseURL": "u"}"#,
      #"{"allowNetwork": true}"#, #"{"allowWrite": ["/"]}"#, #"{"allowEnv": ["TOKEN"]}"#,
      #"{"modelTokens": 9}"#, #"{"allowRemoteModel": true}"#,
    ]
  )
  func project(text: String) throws {
    let key = try #require(try JSON.parse(text.utf8).get().members?.first?.name)
    let error = #expect(throws: CommandError.self) { try settings(project: text) }
    #expect(error?.message.contains("may not set `\(key)`") == true)
    #expect(error?.message.contains(".heal.json") == true)
    #expect(throws: Never.self) { try settings(user: text) }
  }

  @Test(
    "unknown keys and wrong values are errors that name file and key",
    arguments: [
      (#"{"bugdet": 3}"#, "bugdet"), (#"{"budget": "long"}"#, "budget"),
      (#"{"budget": -1}"#, "budget"), (#"{"jobs": 1.5}"#, "jobs"), (#"{"jobs": 0}"#, "jobs"),
      (#"{"seed": -1}"#, "seed"), (#"{"sandbox": "jail"}"#, "sandbox"),
      (#"{"allowNetwork": 1}"#, "allowNetwork"), (#"{"allowWrite": "/"}"#, "allowWrite"),
      (#"{"python": ""}"#, "python"), (#"{"budget": null}"#, "budget"), ("{", "config.json"),
      ("[]", "config.json"), ("", "config.json"),
    ]
  )
  func wrong(text: String, named: String) throws {
    let error = #expect(throws: CommandError.self) { try settings(user: text) }
    #expect(error?.exitStatus == .usage)
    #expect(error?.message.contains(named) == true)
    #expect(error?.message.contains("config.json") == true)
  }

  @Test("a wrong variable is named")
  func wrongVariable() throws {
    let error = #expect(throws: CommandError.self) {
      try settings(environment: ["HEAL_JOBS": "many"])
    }
    #expect(error?.message.hasPrefix("HEAL_JOBS must be") == true)
  }
}
