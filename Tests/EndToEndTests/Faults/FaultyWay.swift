import CanonicalJSON
import Cryptography
import FoundationEssentials
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// A gateway with two releases each of two plugins, and customers on a way to it that a test spoils.
///
/// The customers have 1.0.0 of both plugins and run the application's version 2.0.0, which wants
/// 2.0.0 of both. `@acme/b` is 200,000 bytes that do not shrink, so that there is something to cut.
struct FaultyWay: Sendable {
    let gateway: TestGateway
    let key: String
    /// Storage folders.
    private let images: [Start: FilePath]
    /// What each plugin's folder holds in each version.
    private let trees: [String: [String: FileTree]]
    private let count = Counter()

    /// What a customer has.
    enum Start: Sendable {
        /// Nothing is installed or activated.
        case fresh
        /// 1.0.0 of both plugins, and the metadata of before 2.0.0.
        case installed
        /// 2.0.0 of both plugins, and the metadata of now.
        case updated
    }

    static let plugins = ["@acme/a", "@acme/b"]
    /// The length of the tarball of `@acme/b` lies between these.
    static let large = 200_000..<220_000

    private final class Counter: Sendable {
        let value = Atomic(0)
    }

    /// Serves one while `body` runs.
    ///
    /// - Parameters:
    ///   - prepare: called before 2.0.0 is published
    ///   - body: the test
    /// - Throws: what `body` throws, and what keeps the gateway from starting.
    static func open(
        prepare: (TestGateway) async throws -> Void = { _ in },
        _ body: (FaultyWay) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            try await TestGateway.serving(in: folder) { gateway in
                for name in plugins {
                    try await gateway.publish(name, "1.0.0", files: content(of: name, 1))
                }
                let key = try await gateway.issue(plugins).key
                let first = try customer(of: gateway, key, "first")
                let second = try customer(of: gateway, key, "second")
                try await require(first.downloadPro(app: "1.0.0"))
                try await prepare(gateway)
                for name in plugins {
                    try await gateway.publish(
                        name, "2.0.0", application: ">=2.0.0 <3.0.0", files: content(of: name, 2))
                }
                try await require(second.downloadPro(app: "2.0.0"))
                var trees: [String: [String: FileTree]] = [:]
                for name in plugins {
                    trees[name] = [
                        "1.0.0": try first.tree(of: name), "2.0.0": try second.tree(of: name),
                    ]
                }
                try await body(
                    FaultyWay(
                        gateway: gateway, key: key,
                        images: [.installed: first.storage, .updated: second.storage],
                        trees: trees))
            }
        }
    }

    private static func content(of name: String, _ major: Int) -> [String: [UInt8]] {
        guard name == "@acme/b" else {
            return ["index.js": Array("exports.version = \(major)\n".utf8)]
        }
        var generator = SeededGenerator(seed: UInt64(major))
        let noise = (0..<200_000).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        return ["noise.bin": noise]
    }

    private static func customer(
        of gateway: TestGateway, _ key: String, _ name: String
    ) throws -> Customer {
        var customer = try Customer(in: gateway.folder, gateway: gateway.url, key: key, named: name)
        // One license serves them all: they say that they are one instance.
        customer.environment["TOLLGATE_INSTANCE_ID"] = "pinned-for-tests"
        return customer
    }

    private static func require(
        _ run: (outcome: Outcome, plugins: [String: String])
    ) throws {
        try #require(run.outcome.status == 0, "\(run.outcome.errors)")
    }

    /// A customer of this gateway.
    ///
    /// - Parameter start: what is there already
    /// - Returns: one with a folder of its own
    /// - Throws: when the folder cannot be made.
    func customer(_ start: Start = .installed) async throws -> Customer {
        let number = count.value.wrappingAdd(1, ordering: .relaxed).newValue
        let customer = try Self.customer(of: gateway, key, "customer-\(number)")
        if let image = images[start] {
            let copy = try await run("/bin/cp", ["-a", image.string, customer.storage.string])
            try #require(copy.status == 0, "\(copy.errors)")
        }
        return customer
    }

    /// Whether a plugin's folder is, byte for byte, one release; nil: whether there is none.
    func has(_ customer: Customer, _ name: String, _ version: String?) throws -> Bool {
        guard let version else { return customer.visibleVersion(name) == nil }
        return try customer.tree(of: name) == trees[name]?[version]
    }
}

extension TestGateway {
    /// The port in its address.
    var port: UInt16 {
        get throws { try #require(url.split(separator: ":").last.flatMap { UInt16($0) }) }
    }
}

/// What a folder holds: each path with the digest of the file, or none for a folder.
typealias FileTree = [String: String]

extension Customer {
    func tree(of plugin: String) throws -> FileTree {
        try fileTree("\(storage)/plugins/\(plugin)")
    }

    /// All that lies in the customer's folder beside what is ours, by design's layout.
    var strayFiles: [String] {
        let home = storage.removingLastComponent().string
        let ours: Set = ["storage/.license", "storage/plugins", "storage/logs"]
        let found = (try? FileManager.default.subpathsOfDirectory(atPath: home)) ?? []
        return found.filter { path in
            path != "storage" && !ours.contains { path == $0 || path.hasPrefix("\($0)/") }
        }
    }
}

/// Reads a folder.
///
/// - Throws: when something in it cannot be read.
func fileTree(_ folder: String) throws -> FileTree {
    guard FileManager.default.fileExists(atPath: folder) else { return [:] }
    var tree: FileTree = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: folder) {
        var isFolder = false
        _ = FileManager.default.fileExists(atPath: "\(folder)/\(path)", isDirectory: &isFolder)
        tree[path] =
            isFolder
            ? ""
            : Digest.of(.sha512, [UInt8](try Data(contentsOf: URL(filePath: "\(folder)/\(path)"))))
                .hex
    }
    return tree
}
