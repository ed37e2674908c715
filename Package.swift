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
  products: [],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
  ],
  targets: [
    // MARK: Healing
    .target(
      name: "Healing",
      dependencies: ["HealingModel", "Patching", "Search"],
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

    // MARK: Search
    .target(name: "Search", dependencies: ["HealingModel"], swiftSettings: house),

  ],
  swiftLanguageModes: [.v6]
)
