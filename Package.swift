// swift-tools-version: 6.2
import PackageDescription

/// Every target is compiled alike: Swift 6, the upcoming features we want early, no warning tolerated.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let collections: Target.Dependency = .product(
    name: "OrderedCollections", package: "swift-collections")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let arguments: Target.Dependency = .product(
    name: "ArgumentParser", package: "swift-argument-parser")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: dependencies + ["TestSupport"],
        swiftSettings: settings)
}

let package = Package(
    name: "tollgate",
    products: [
        // What fault tests preload into programs; nothing links it.
        .library(name: "FaultyDisk", type: .dynamic, targets: ["FaultyDisk"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(
            url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(
            url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    ],
    targets: [
        // C libraries: a module map and a shim each, imported by their one owner.
        .systemLibrary(
            name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CArchive", providers: [.apt(["libarchive-dev"])]),
        .systemLibrary(
            name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CISAL", providers: [.apt(["libisal-dev"])]),
        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
        .systemLibrary(name: "CYAML", providers: [.apt(["libyaml-dev"])]),

        // The core that both sides share.
        library("Diagnostics"),
        library("CanonicalJSON", [collections]),
        library("YAML", ["CYAML"]),
        library("Cryptography", ["COpenSSL", "Diagnostics"]),
        library("HTTPTransfer", ["CCurl", "Diagnostics"]),
        library(
            "Tarball",
            ["CArchive", "CISAL", "CZlib", "CanonicalJSON", "Cryptography", "Diagnostics", system]),
        library("Licensing", ["CanonicalJSON", "Cryptography", "Diagnostics"]),
        library("Packages", ["CanonicalJSON", "Cryptography", "Diagnostics"]),
        library("SignedMetadata", ["CanonicalJSON", "Cryptography", "Diagnostics"]),
        library(
            "Bundle",
            [
                "CLinux", "CanonicalJSON", "Cryptography", "Diagnostics", "Licensing", "Packages",
                "SignedMetadata", "Tarball", system,
            ]),

        library("DatabaseIdentity", ["CanonicalJSON", "Diagnostics"]),
        library("WebPage", ["Diagnostics"]),
        library("TerminalOutput", ["CanonicalJSON", "Diagnostics", arguments, logging]),

        // The customer's side.
        library(
            "Fetcher",
            [
                "Bundle", "CLinux", "CanonicalJSON", "Cryptography", "DatabaseIdentity",
                "Diagnostics", "HTTPTransfer", "Licensing", "Packages", "SignedMetadata", "Tarball",
                "YAML",
                logging, system,
            ]),
        library(
            "CustomerCommand",
            [
                "CanonicalJSON", "Diagnostics", "Fetcher", "Licensing", "TerminalOutput",
                arguments, logging,
            ]),
        program(
            "pkg",
            [
                "Bundle", "CanonicalJSON", "CustomerCommand", "Diagnostics", "Fetcher", "Licensing",
                "Packages", "TerminalOutput", arguments, logging, system,
            ]),
        library(
            "Agent",
            [
                "CHiredis", "CanonicalJSON", "Cryptography", "Diagnostics", "Fetcher",
                "HTTPTransfer", "Licensing", "Packages", "WebPage", logging, system,
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]),
        program(
            "pkg-agent",
            [
                "Agent", "CanonicalJSON", "CustomerCommand", "Diagnostics", "Fetcher",
                "TerminalOutput", arguments, logging, system,
            ]),
        program(
            "tuf-client",
            ["Cryptography", "Diagnostics", "HTTPTransfer", "SignedMetadata", arguments, system]),

        // Measures the license evaluation; not shipped.
        program("license-bench", ["Cryptography", "Diagnostics", "Licensing"]),

        // Feeds the parsers with what nobody wrote; not shipped.
        program(
            "fuzz",
            [
                "Bundle", "CanonicalJSON", "Cryptography", "Diagnostics", "Fetcher", "Gateway",
                "Licensing",
                "Packages", "SignedMetadata", "Tarball", "YAML", arguments, system,
            ]),

        // The vendor's side.
        library(
            "Storage",
            [
                "CanonicalJSON", "Cryptography", "Diagnostics", "Licensing", "Packages",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"), system,
            ]),
        library(
            "Gateway",
            [
                "Bundle", "CanonicalJSON", "Cryptography", "Diagnostics", "Licensing", "Packages",
                "SignedMetadata", "Storage", "Tarball", "WebPage", logging, system,
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]),
        program(
            "tollgate",
            [
                "Bundle", "CanonicalJSON", "Cryptography", "Diagnostics", "Gateway", "Licensing",
                "Packages",
                "SignedMetadata", "Storage", "TerminalOutput", "YAML", arguments, logging,
                system,
            ]),

        // Tests.
        .target(name: "FaultyDisk", path: "Tests/FaultyDisk"),
        .target(
            name: "TestSupport",
            dependencies: ["CanonicalJSON", "Cryptography", "Diagnostics", subprocess, system],
            path: "Tests/TestSupport", swiftSettings: settings),
        tests("Diagnostics", ["Diagnostics"]),
        tests("CanonicalJSON", ["CanonicalJSON"]),
        tests("YAML", ["YAML"]),
        tests("TerminalOutput", ["TerminalOutput", "Diagnostics"]),
        tests("WebPage", ["WebPage"]),
        tests("Cryptography", ["Cryptography", "Diagnostics"]),
        tests("HTTPTransfer", ["HTTPTransfer", "Diagnostics"]),
        tests("Tarball", ["Tarball", "Cryptography", "Diagnostics", system]),
        tests(
            "Bundle",
            [
                "Bundle", "CanonicalJSON", "Cryptography", "Diagnostics", "SignedMetadata", system,
            ]),
        tests("Licensing", ["Licensing", "CanonicalJSON", "Cryptography", "Diagnostics"]),
        tests(
            "Packages", ["Packages", "CanonicalJSON", "Cryptography", "Diagnostics", subprocess]),
        tests(
            "SignedMetadata",
            ["SignedMetadata", "CanonicalJSON", "Cryptography", "Diagnostics", system]),
        tests(
            "DatabaseIdentity",
            [
                "DatabaseIdentity", "CanonicalJSON", "Diagnostics", "Fetcher", "Licensing", system,
            ]),
        tests(
            "Fetcher",
            [
                "Fetcher", "CanonicalJSON", "Cryptography", "DatabaseIdentity", "Diagnostics",
                "HTTPTransfer",
                "Licensing", "Packages", "SignedMetadata", "Tarball", system,
            ]),
        tests(
            "Agent",
            [
                "Agent", "CanonicalJSON", "Diagnostics", "Fetcher", "Licensing", logging, system,
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        tests(
            "Storage",
            [
                "Storage", "CanonicalJSON", "Cryptography", "Diagnostics", "Packages", "Licensing",
                .product(name: "GRDB", package: "GRDB.swift"), system,
            ]),
        tests(
            "Gateway",
            [
                "Gateway", "Storage", "CanonicalJSON", "Cryptography", "Diagnostics", "Fetcher",
                "Licensing",
                "HTTPTransfer", "Packages", "SignedMetadata", "TerminalOutput", logging, system,
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        tests(
            "EndToEnd",
            [
                "CanonicalJSON", "Cryptography", "Diagnostics", "Fetcher", "fuzz", "Licensing",
                "pkg",
                "pkg-agent", "tollgate", "tuf-client", logging, system,
            ]),
    ]
)
