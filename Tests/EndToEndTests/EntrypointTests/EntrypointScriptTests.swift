import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

/// `scripts/entrypoints/docker-entrypoint.sh`, run by the shells that containers have.
@Suite struct EntrypointScriptTests {
    static let script = Entrypoints.folder.appending("docker-entrypoint.sh")

    /// What is wrong, and how the container then starts.
    enum Situation: String, Sendable, CaseIterable {
        case nothing, noLicense, noNetwork, noDisk, mismatch, alteredTarball, wrongSetting

        /// The exit code of the script; with 0 the application was started.
        var status: Int32 {
            switch self {
            case .nothing, .noLicense, .noNetwork, .noDisk: 0
            case .mismatch: 3
            case .alteredTarball: 6
            case .wrongSetting: 64
            }
        }
    }

    @Test(arguments: Situation.allCases) func theApplicationStartsWheneverThatIsSafe(
        _ situation: Situation
    ) async throws {
        try await TestGateway.withTwoPlugins { gateway in
            let license = try await gateway.issue(["@acme/a"])
            var customer = try Customer(in: gateway.folder, gateway: gateway.url, key: nil)
            let secret = gateway.folder.appending("license_key").string
            try Data("\(license.key)\n".utf8).write(to: URL(filePath: secret))
            customer.environment.merge(
                [
                    "TOLLGATE_LICENSE_KEY_FILE": secret, "TOLLGATE_APP_VERSION": "1.0.0",
                    "PATH": "\(Programs.folder):/usr/bin:/bin",
                ]
            ) { $1 }
            #expect(try await customer.pkg("download-pro").status == 0)
            switch situation {
            case .nothing: break
            case .noLicense:
                try FileManager.default.removeItem(atPath: "\(customer.storage)/.license")
                customer.environment["TOLLGATE_LICENSE_KEY_FILE"] = nil
            case .noNetwork: customer.environment["TOLLGATE_URL"] = "http://127.0.0.1:1"
            case .noDisk:
                let lock = "\(customer.storage)/plugins/.pkg/lock"
                try FileManager.default.removeItem(atPath: lock)
                try FileManager.default.createDirectory(
                    atPath: lock, withIntermediateDirectories: false)
            case .mismatch:
                customer.environment.merge(
                    ["TOLLGATE_APP_VERSION": "9.0.0", "PKG_OPTIONS": "--strict --timeout 60"]
                ) { $1 }
            case .alteredTarball:
                let tarball = try await gateway.publish("@acme/a", "1.1.0")
                try MainJobTests().alterArtifact(of: tarball, in: gateway.data)
            case .wrongSetting: customer.environment["TOLLGATE_APP_VERSION"] = "banana"
            }
            for shell: FilePath in ["/bin/dash", "/bin/bash"] {
                let outcome = try await run(
                    shell, [Self.script.string, "/bin/echo", "the application", "starts"],
                    environment: customer.environment)
                #expect(outcome.status == situation.status, "\(outcome.errors)")
                let isStarted = outcome.output.hasSuffix("the application starts\n")
                #expect(isStarted == (situation.status == 0))
                #expect(customer.visibleVersion("@acme/a") == "1.0.0")
                #expect(!outcome.errors.contains(license.key))
            }
            // As in an init container.
            let alone = try await run(
                "/bin/sh", [Self.script.string], environment: customer.environment)
            #expect(alone.status == situation.status)
        }
    }

    @Test(arguments: [(1, 0), (139, 0), (4, 0), (3, 3), (6, 6), (64, 64)] as [(Int32, Int32)])
    func whateverPkgEndsWithIsMapped(_ status: Int32, _ expected: Int32) async throws {
        // A pkg that fails in ways that the real one does not.
        try await withTemporaryFolder { folder in
            let pkg = folder.appending("pkg")
            try await makeProgram(at: pkg, "exit \(status)")
            let outcome = try await run(
                "/bin/sh", [Self.script.string, "/bin/echo", "started"],
                environment: ["PATH": "\(folder):/usr/bin:/bin"])
            #expect(outcome.status == expected)
            #expect((outcome.output == "started\n") == (expected == 0))
        }
    }

    @Test func theApplicationIsTheProcessThatTheScriptWas() async throws {
        try await withTemporaryFolder { folder in
            let pkg = folder.appending("pkg")
            try await makeProgram(at: pkg, "exit 0")
            let child = try ChildProcess(
                "/bin/sh", [Self.script.string, "/bin/sh", "-c", "echo $$; exec sleep 60"],
                environment: ["PATH": "\(folder):/usr/bin:/bin"])
            #expect(try await child.readLine() == "\(child.processID)")
            child.signal(SIGTERM)
            #expect(try await child.wait().status == -SIGTERM, "nothing is between")
        }
    }

    @Test func aSignalEndsPkgAndTheApplicationIsNotStarted() async throws {
        try await withTemporaryFolder { folder in
            try await SlowGateway.running(in: folder) { slow in
                try await slow.publish("@acme/slow")
                var customer = try await slow.customer("one", ["@acme/slow"])
                customer.environment["PATH"] = "\(Programs.folder):/usr/bin:/bin"
                let child = try ChildProcess(
                    "/bin/sh", [Self.script.string, "/bin/echo", "started"],
                    environment: customer.environment, errors: folder.appending("errors"))
                // Until something is downloaded.
                let tarballs = "\(customer.storage)/plugins/.pkg/tarballs"
                let end = ContinuousClock.now + .seconds(60)
                while (try? FileManager.default.contentsOfDirectory(atPath: tarballs))?.isEmpty
                    ?? true
                {
                    try #require(ContinuousClock.now < end)
                    try await Task.sleep(for: .milliseconds(20))
                }
                child.signal(SIGTERM)
                let (status, output) = try await child.wait()
                #expect(status == 143)
                #expect(output.hasPrefix("0 plugins"), "the report says what there is: \(output)")
                #expect(!output.contains("started"))
                // pkg has ended too: its lock is free.
                #expect(try await customer.pkg("plugins", "clean").status == 0)
            }
        }
    }

    @Test func pkgWritesNowhereButInTheStorageFolder() async throws {
        try await TestGateway.withTwoPlugins { gateway in
            let license = try await gateway.issue(["@acme/a"])
            var customer = try Customer(in: gateway.folder, gateway: gateway.url, key: license.key)
            customer.environment.merge(
                [
                    "TOLLGATE_APP_VERSION": "1.0.0", "PATH": "\(Programs.folder):/usr/bin:/bin",
                ]
            ) { $1 }
            let trace = gateway.folder.appending("trace")
            let outcome = try await run(
                "/usr/bin/strace",
                [
                    "-f", "-o", trace.string, "-e", "trace=openat,open,creat,mkdir,rename,symlink",
                    "/bin/sh", Self.script.string, "/bin/true",
                ], environment: customer.environment)
            #expect(outcome.status == 0, "\(outcome.errors)")
            let calls = try String(contentsOfFile: trace.string, encoding: .utf8)
                .split(separator: "\n").filter { line in
                    ["O_CREAT", "O_WRONLY", "O_RDWR", "mkdir(", "rename(", "symlink(", "creat("]
                        .contains(where: line.contains)
                }
            #expect(calls.count > 10)
            let elsewhere = calls.filter {
                !$0.contains("\"\(customer.storage)") && !$0.contains("\"/dev/")
                    // Relative to the descriptor of the staging folder.
                    && !($0.contains("openat(") && !$0.contains("\"/") && $0.contains("O_EXCL"))
            }
            #expect(elsewhere == [], "a read-only root file system is enough")
        }
    }
}
