import CanonicalJSON
import Foundation
import SystemPackage
import TestSupport
import Testing

/// A gateway whose releases are known byte for byte, for tests that look at what is visible after a
/// fault.
struct FaultWorld: Sendable {
    /// The files of a folder by their paths.
    typealias Content = [String: [UInt8]]

    static let plugins = ["@acme/a", "@acme/b"]

    let gateway: TestGateway
    let license: String
    let key: String
    /// What was packed: of each plugin each release, by its version.
    let releases: [String: [String: Content]]

    /// Serves a gateway with two plugins, each with one release for the applications 1.x and 2.x.
    static func serving(
        fileCount: Int = 1, _ body: (FaultWorld) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            try await TestGateway.serving(in: folder) { gateway in
                var releases: [String: [String: Content]] = [:]
                for name in plugins {
                    for major in [1, 2] {
                        let version = "\(major).0.0"
                        try await gateway.publish(
                            name, version, application: ">=\(major).0.0 <\(major + 1).0.0",
                            files: files(of: name, major, fileCount))
                        let packed = "pack-\(name.replacing("/", with: "-"))-\(version)/package"
                        releases[name, default: [:]][version] = try content(
                            of: folder.appending(packed))
                    }
                }
                let license = try await gateway.issue(plugins)
                try await body(
                    FaultWorld(
                        gateway: gateway, license: license.id, key: license.key,
                        releases: releases))
            }
        }
    }

    private static func files(of name: String, _ major: Int, _ count: Int) -> Content {
        var files: Content = [:]
        for index in 0..<count + major - 1 {
            let line = "exports.x = \"\(name) \(major) \(index)\";\n"
            files["lib/part-\(index).js"] = Array(String(repeating: line, count: 20).utf8)
        }
        return files
    }

    /// A customer's machine with nothing on it; each is an instance of its own.
    func customer(_ name: String, url: String? = nil, key: String? = nil) throws -> Customer {
        var customer = try Customer(
            in: gateway.folder, gateway: url ?? gateway.url, key: key ?? self.key, named: name)
        customer.environment["TOLLGATE_INSTANCE_ID"] = "faults-\(name)"
        return customer
    }

    /// The same machine again, as it is now, under another name.
    ///
    /// What the name had before is gone.
    func copy(of customer: Customer, named name: String) async throws -> Customer {
        var copy = try self.customer(name)
        copy.environment = customer.environment
        copy.environment["TOLLGATE_STORAGE"] = copy.storage.string
        if FileManager.default.fileExists(atPath: copy.storage.string) {
            try FileManager.default.removeItem(atPath: copy.storage.string)
        }
        guard FileManager.default.fileExists(atPath: customer.storage.string) else { return copy }
        let outcome = try await run(
            "/usr/bin/cp", ["-a", customer.storage.string, copy.storage.string])
        try #require(outcome.status == 0, "\(outcome.errors)")
        return copy
    }

    /// The files below a folder; nil when it is not there.
    static func content(of folder: FilePath) throws -> Content? {
        guard FileManager.default.fileExists(atPath: folder.string) else { return nil }
        var content: Content = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder.string) {
            let whole = "\(folder)/\(path)"
            let type = try FileManager.default.attributesOfItem(atPath: whole)[.type]
            switch type as? FileAttributeType {
            case .typeDirectory: continue
            case .typeRegular: content[path] = [UInt8](try Data(contentsOf: URL(filePath: whole)))
            default: content[path] = Array("no file".utf8)
            }
        }
        return content
    }

    /// What the application would load, by the plugins' names.
    func visible(_ customer: Customer) throws -> [String: Content] {
        var visible: [String: Content] = [:]
        for name in Self.plugins {
            visible[name] = try Self.content(of: FilePath("\(customer.storage)/plugins/\(name)"))
        }
        return visible
    }
}

extension Customer {
    /// Runs `pkg` with a fault of the disk.
    func pkg(_ arguments: [String], _ fault: DiskFault) async throws -> Outcome {
        try await run(
            Programs.pkg, arguments,
            environment: environment.merging(fault.environment(for: storage)) { $1 })
    }

    /// Whether anything is there that only a run at work has.
    var isAtWork: Bool {
        let own = "\(storage)/plugins/.pkg"
        let staged = (try? FileManager.default.contentsOfDirectory(atPath: "\(own)/staging")) ?? []
        return FileManager.default.fileExists(atPath: "\(own)/journal") || !staged.isEmpty
    }
}
