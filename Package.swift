// swift-tools-version: 6.2
import PackageDescription

let house: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
]

let strictC: [CSetting] = [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]

/// What talks to language models is a product of its own: its HTTP client takes longer to build than
/// all the rest, and who uses no model shall neither fetch nor build it.
let withModel = Context.environment["HEAL_WITHOUT_MODEL"] != "1"

let modelProducts: [Product] = [.executable(name: "heal-model", targets: ["heal-model"])]

let modelDependencies: [Package.Dependency] = [
  .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
  .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
]

let modelTargets: [Target] = [
  // MARK: LanguageModels
  .target(
    name: "LanguageModels",
    dependencies: [
      "HealingModel", "ModelProtocol",
      .product(name: "AsyncHTTPClient", package: "async-http-client"),
      .product(name: "NIOCore", package: "swift-nio"),
      .product(name: "NIOHTTP1", package: "swift-nio"),
      .product(name: "NIOPosix", package: "swift-nio"),
    ],
    swiftSettings: house
  ),
  .testTarget(
    name: "LanguageModelsTests",
    dependencies: [
      "HealingModel", "LanguageModels", "ModelProtocol", "Processes", "heal", "heal-model",
    ],
    swiftSettings: house
  ),

  // MARK: heal-model
  .executableTarget(
    name: "heal-model",
    dependencies: ["LanguageModels", "ModelProtocol"],
    swiftSettings: house
  ),
]

let package = Package(
  name: "selfheal",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "heal", targets: ["heal"]),
    .executable(name: "heal-launcher", targets: ["heal-launcher"]),
  ] + (withModel ? modelProducts : []),
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
  ] + (withModel ? modelDependencies : []),
  targets: [
    // MARK: Acceptance
    .testTarget(
      name: "AcceptanceTests",
      dependencies: [
        "Healing", "HealingModel", "Processes", "PythonAgent", "heal", "heal-launcher",
      ],
      swiftSettings: house
    ),

    // MARK: CProcess
    .target(name: "CProcess", cSettings: strictC),

    // MARK: Diagnosis
    .target(name: "Diagnosis", dependencies: ["HealingModel"], swiftSettings: house),
    .testTarget(
      name: "DiagnosisTests",
      dependencies: ["Diagnosis", "HealingModel"],
      swiftSettings: house
    ),

    // MARK: EmbedFiles
    .plugin(name: "EmbedFiles", capability: .buildTool(), dependencies: ["embed-files"]),
    .executableTarget(name: "embed-files", swiftSettings: house),

    // MARK: Healing
    .target(
      name: "Healing",
      dependencies: [
        "Diagnosis", "HealingModel", "Patching", "Prompting", "Scheduling", "Search",
      ],
      swiftSettings: house
    ),
    .testTarget(
      name: "HealingTests",
      dependencies: ["Healing", "HealingModel", "Patching", "Prompting", "Search"],
      swiftSettings: house
    ),

    // MARK: HealingModel
    .target(name: "HealingModel", swiftSettings: house),
    .testTarget(
      name: "HealingModelTests",
      dependencies: ["HealingModel"],
      swiftSettings: house
    ),

    // MARK: ModelProtocol
    .target(name: "ModelProtocol", exclude: ["PROTOCOL.md"], swiftSettings: house),
    .testTarget(
      name: "ModelProtocolTests",
      dependencies: ["ModelProtocol"],
      swiftSettings: house
    ),

    // MARK: Patching
    .target(name: "Patching", dependencies: ["HealingModel"], swiftSettings: house),
    .testTarget(
      name: "PatchingTests",
      dependencies: ["HealingModel", "Patching"],
      swiftSettings: house
    ),

    // MARK: Processes
    .target(
      name: "Processes",
      dependencies: ["CProcess", "Healing", "HealingModel"],
      swiftSettings: house
    ),
    .testTarget(
      name: "ProcessesTests",
      dependencies: ["Healing", "HealingModel", "Processes", "heal-launcher"],
      swiftSettings: house
    ),

    // MARK: Prompting
    .target(
      name: "Prompting",
      dependencies: ["Diagnosis", "HealingModel", "Patching"],
      swiftSettings: house
    ),
    .testTarget(
      name: "PromptingTests",
      dependencies: ["Diagnosis", "HealingModel", "Patching", "Prompting"],
      exclude: ["Snapshots"],
      swiftSettings: house
    ),

    // MARK: PythonAgent
    .target(
      name: "PythonAgent",
      dependencies: ["Healing", "HealingModel", "Patching", "Prompting"],
      exclude: ["Agent", "PROTOCOL.md", "RULES.md"],
      swiftSettings: house,
      plugins: ["EmbedFiles"]
    ),
    .testTarget(
      name: "PythonAgentTests",
      dependencies: ["Healing", "HealingModel", "Patching", "Prompting", "PythonAgent"],
      swiftSettings: house
    ),

    // MARK: Scheduling
    .target(name: "Scheduling", dependencies: ["HealingModel"], swiftSettings: house),
    .testTarget(
      name: "SchedulingTests",
      dependencies: ["HealingModel", "Scheduling"],
      swiftSettings: house
    ),

    // MARK: Search
    .target(name: "Search", dependencies: ["HealingModel"], swiftSettings: house),
    .testTarget(
      name: "SearchTests",
      dependencies: ["HealingModel", "Search"],
      swiftSettings: house
    ),

    // MARK: SessionStore
    .target(
      name: "SessionStore",
      dependencies: ["Healing", "HealingModel", .product(name: "GRDB", package: "GRDB.swift")],
      swiftSettings: house
    ),
    .testTarget(
      name: "SessionStoreTests",
      dependencies: [
        "Healing", "HealingModel", "SessionStore", .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: house
    ),

    // MARK: heal
    .executableTarget(
      name: "heal",
      dependencies: [
        "Diagnosis", "Healing", "HealingModel", "ModelProtocol", "Patching", "Processes",
        "Prompting", "PythonAgent", "Scheduling", "SessionStore", "heal-launcher",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      exclude: ["Rendering/Trace/Page"],
      swiftSettings: house,
      plugins: ["EmbedFiles"]
    ),
    .testTarget(
      name: "healTests",
      dependencies: [
        "Healing", "HealingModel", "ModelProtocol", "Patching", "Processes", "Prompting",
        "PythonAgent", "Scheduling", "Search", "SessionStore", "heal",
      ],
      exclude: ["pty_session.py"],
      swiftSettings: house
    ),

    // MARK: heal-launcher
    .executableTarget(name: "heal-launcher", dependencies: ["CProcess"], cSettings: strictC),
  ] + (withModel ? modelTargets : []),
  swiftLanguageModes: [.v6]
)
