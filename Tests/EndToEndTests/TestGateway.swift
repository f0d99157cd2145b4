import CanonicalJSON
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// A real `tollgate serve` with a data folder of its own, on a port of the kernel's choice.
struct TestGateway {
    let folder: FilePath
    let data: FilePath
    let url: String
    private let server: ChildProcess

    var log: FilePath { folder.appending("serve.log") }

    /// Makes a gateway unless the folder has one, serves it while `body` runs, and stops it.
    ///
    /// - Parameters:
    ///   - folder: where its data folder is, or will be
    ///   - initial: more arguments of `tollgate init`
    ///   - settings: more lines of `tollgate.yaml`
    ///   - arguments: more arguments of `tollgate serve`
    ///   - body: told of the gateway once it listens
    /// - Returns: what `body` returns
    /// - Throws: what `body` throws, and what keeps a gateway from starting.
    static func serving<Value>(
        in folder: FilePath, initial: [String] = [], settings: String = "",
        arguments: [String] = [],
        _ body: (TestGateway) async throws -> Value
    ) async throws -> Value {
        let data = folder.appending("tollgate-data")
        if !FileManager.default.fileExists(atPath: data.string) {
            if initial.isEmpty {
                try await usual.value.write(to: data)
            } else {
                try await makeData(data, initial)
            }
            let file = URL(filePath: data.appending("tollgate.yaml").string)
            try (try Data(contentsOf: file) + Data(settings.utf8)).write(to: file)
        }
        let server = try ChildProcess(
            Programs.tollgate, ["serve", "--data", data.string, "--port", "0"] + arguments,
            environment: Programs.environment, errors: folder.appending("serve.log"))
        let result: Result<Value, any Error>
        do {
            let line = try await server.readLine()
            let url = try #require(line.split(separator: " ").last.map(String.init))
            result = .success(
                try await body(
                    TestGateway(folder: folder, data: data, url: url, server: server)))
        } catch {
            result = .failure(error)
        }
        server.signal(15)
        let (status, _) = try await server.wait()
        #expect(status == 0, "tollgate serve ends well when it is told to")
        return try result.get()
    }

    /// A data folder as `tollgate init` leaves it, made once for all that want nothing special.
    private static let usual = Task {
        try await withTemporaryFolder { folder in
            let data = folder.appending("tollgate-data")
            try await makeData(data, [])
            return try FolderImage(of: data)
        }
    }

    private static func makeData(_ data: FilePath, _ more: [String]) async throws {
        try await tollgate(
            data, ["init", "--vendor-name", "Acme", "--host-package", "@acme/app"] + more)
    }

    /// A customer with `@acme/a` 1.0.0 of a gateway that is no longer there.
    static func customerItServed(in folder: FilePath) async throws -> Customer {
        try await serving(in: folder) { gateway in
            try await gateway.publish("@acme/a", "1.0.0")
            let license = try await gateway.issue(["@acme/a"])
            let customer = try Customer(in: folder, gateway: gateway.url, key: license.key)
            _ = try await customer.downloadPro(app: "1.0.0")
            return customer
        }
    }

    /// Serves, in a temporary folder, a gateway with `@acme/a` and `@acme/b`.
    static func withTwoPlugins(_ body: (TestGateway) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            try await serving(in: folder) { gateway in
                try await gateway.publish("@acme/a", "1.0.0")
                try await gateway.publish("@acme/b", "1.0.0")
                try await body(gateway)
            }
        }
    }

    /// Runs a verb of `tollgate` on the data folder.
    @discardableResult
    func tollgate(_ arguments: [String]) async throws -> Outcome {
        try await Self.tollgate(data, arguments)
    }

    @discardableResult
    private static func tollgate(_ data: FilePath, _ arguments: [String]) async throws -> Outcome {
        let outcome = try await run(Programs.tollgate, arguments + ["--data", data.string])
        try #require(outcome.status == 0, "\(arguments): \(outcome.errors)")
        return outcome
    }

    /// Packs and publishes a release for the applications in a range.
    @discardableResult
    func publish(
        _ name: String, _ version: String, application: String = ">=1.0.0 <2.0.0",
        files: [String: [UInt8]] = ["index.js": Array("exports.x = 1\n".utf8)]
    ) async throws -> FilePath {
        let tarball = try await pack(name, version, application, files)
        try await tollgate(["plugins", "publish", tarball.string])
        return tarball
    }

    /// Makes a tarball as `npm pack` would, with Debian's tar.
    func pack(
        _ name: String, _ version: String, _ application: String, _ files: [String: [UInt8]]
    ) async throws -> FilePath {
        let work = folder.appending("pack-\(name.replacing("/", with: "-"))-\(version)")
        let package = work.appending("package")
        let manifest: JSONValue = [
            "name": .string(name), "version": .string(version),
            "peerDependencies": ["@acme/app": .string(application)],
        ]
        for (path, content) in files.merging(
            ["package.json": manifest.prettyBytes], uniquingKeysWith: { $1 })
        {
            let file = package.appending(path)
            try FileManager.default.createDirectory(
                atPath: file.removingLastComponent().string, withIntermediateDirectories: true)
            try Data(content).write(to: URL(filePath: file.string))
        }
        let tarball = FilePath("\(work.string).tgz")
        let outcome = try await run(
            "/usr/bin/tar",
            [
                "--format=ustar", "--owner=0", "--group=0", "-czf", tarball.string, "-C",
                work.string, "package",
            ])
        try #require(outcome.status == 0, "\(outcome.errors)")
        return tarball
    }

    /// Issues a license.
    func issue(_ plugins: [String], _ more: [String] = []) async throws -> (id: String, key: String)
    {
        let outcome = try await tollgate(
            ["licenses", "issue", "--account", "Globex", "--expires", "2040-12-31", "--json"]
                + ["--plugins", plugins.joined(separator: ",")] + more)
        let json = try outcome.json
        return (try #require(json["id"]?.string), try #require(json["key"]?.string))
    }
}

/// A customer's machine: a storage folder and `pkg`.
struct Customer {
    let storage: FilePath
    var environment: [String: String]

    init(in folder: FilePath, gateway: String, key: String?, named name: String = "customer") throws
    {
        let home = folder.appending(name)
        storage = home.appending("storage")
        try FileManager.default.createDirectory(
            atPath: home.string, withIntermediateDirectories: true)
        environment = ["TOLLGATE_URL": gateway, "TOLLGATE_STORAGE": storage.string]
        environment["TOLLGATE_LICENSE_KEY"] = key
    }

    func pkg(_ arguments: String...) async throws -> Outcome {
        try await run(Programs.pkg, arguments, environment: environment)
    }

    /// What `pkg instance-id` prints.
    func instanceID() async throws -> String {
        try await pkg("instance-id").output.trimmingNewline
    }

    /// `pkg download-pro --json`, and what its report says of each plugin: "outcome installed
    /// mismatch".
    func downloadPro(
        app version: String, _ arguments: [String] = []
    ) async throws -> (outcome: Outcome, plugins: [String: String]) {
        let outcome = try await run(
            Programs.pkg, ["download-pro", "--json", "--app-version", version] + arguments,
            environment: environment)
        var plugins: [String: String] = [:]
        for row in try outcome.json["plugins"]?.array ?? [] {
            let words = [row["outcome"], row["installed"], row["mismatch"]].map {
                $0?.string ?? "-"
            }
            plugins[row["name"]?.string ?? ""] = words.joined(separator: " ")
        }
        return (outcome, plugins)
    }

    /// The version that a visible plugin's `package.json` names, or nil.
    func visibleVersion(_ name: String) -> String? {
        let file = FilePath("\(storage.string)/plugins/\(name)/package.json")
        guard let data = FileManager.default.contents(atPath: file.string) else { return nil }
        return (try? parseJSON(Array(data)))?["version"]?.string
    }
}

extension String {
    var trimmingNewline: String { hasSuffix("\n") ? String(dropLast()) : self }
}
