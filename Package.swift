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

let package = Package(
  name: "selfheal",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "heal", targets: ["heal"]),
    .executable(name: "heal-launcher", targets: ["heal-launcher"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
  ],
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
      dependencies: ["Healing", "HealingModel", "Patching", "Search"],
      swiftSettings: house
    ),

    // MARK: HealingModel
    .target(name: "HealingModel", swiftSettings: house),
    .testTarget(
      name: "HealingModelTests",
      dependencies: ["HealingModel"],
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
        "Diagnosis", "Healing", "HealingModel", "Patching", "Processes", "PythonAgent",
        "Scheduling", "SessionStore", "heal-launcher",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      exclude: ["Rendering/Trace/Page"],
      swiftSettings: house,
      plugins: ["EmbedFiles"]
    ),
    .testTarget(
      name: "healTests",
      dependencies: [
        "Healing", "HealingModel", "Patching", "Prompting", "Scheduling", "Search", "heal",
      ],
      exclude: ["pty_session.py"],
      swiftSettings: house
    ),

    // MARK: heal-launcher
    .executableTarget(name: "heal-launcher", dependencies: ["CProcess"], cSettings: strictC),
  ],
  swiftLanguageModes: [.v6]
)
