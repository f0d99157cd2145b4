import CanonicalJSON
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// What is wrong with a bundle, and what a program that cannot write one leaves.
@Suite struct BadBundleTests {
    @Test func whatIsWrongWithABundleHasItsCode() async throws {
        try await BundleTests.withOfflineMachine { gateway, license, machine in
            let bundle = gateway.folder.appending("good.tgbundle")
            try await gateway.tollgate(
                ["bundle", "create", "--license", license, "-o", bundle.string])
            let bytes = try Data(contentsOf: URL(filePath: bundle.string))
            // A machine that knows nothing yet, each time.
            func taken(_ changed: Data) async throws -> (code: String, plugins: [String: String]) {
                let folder = try makeTemporaryFolder()
                defer { try? FileManager.default.removeItem(atPath: folder.string) }
                var fresh = try Customer(in: folder, gateway: "", key: nil)
                fresh.environment = machine.environment
                fresh.environment["TOLLGATE_STORAGE"] = fresh.storage.string
                let file = folder.appending("bad.tgbundle")
                try changed.write(to: URL(filePath: file.string))
                let run = try await fresh.downloadPro(app: "1.0.0", ["--from", file.string])
                return ("\(run.outcome.errorCode ?? "none") \(run.outcome.status)", run.plugins)
            }
            func refusal(_ changed: Data) async throws -> String {
                let (code, plugins) = try await taken(changed)
                #expect(plugins == [:], "\(code)")
                return code
            }
            /// One bit changed behind the first or last place where a text stands.
            func flipped(_ text: String, after: Int, last: Bool = false) throws -> Data {
                let place =
                    last
                    ? bytes.lastRange(of: Data(text.utf8)) : bytes.firstRange(of: Data(text.utf8))
                var changed = bytes
                changed[try #require(place).upperBound + after] ^= 1
                return changed
            }
            #expect(try await taken(bytes).code == "none 0")
            for length in [600, 5_000, bytes.count / 2, bytes.count - 1_024, bytes.count - 1] {
                #expect(try await refusal(bytes.prefix(length)) == "bundle.truncated 6")
            }
            #expect(try await refusal(bytes.prefix(100)) == "bundle.truncated 6")
            #expect(try await refusal(Data()) == "bundle.truncated 6")
            #expect(try await refusal(bytes + Data([0])) == "bundle.format 6")
            #expect(try await refusal(Data("<html>".utf8) + bytes) == "bundle.format 6")
            // The index, by its times and by its signature.
            let index = try flipped("\"license\":\"lic_", after: 0)
            #expect(try await refusal(index) == "bundle.signature 6")
            let time = try flipped("\"created\":\"20", after: 1)
            #expect(try await refusal(time) == "bundle.signature 6")
            let hash = try flipped("\"sha512\":\"", after: 3)
            let code = try await refusal(hash)
            #expect(["bundle.format 6", "bundle.signature 6"].contains(code), "\(code)")
            // What it lists.
            for role in ["snapshot", "targets"] {
                let changed = try flipped("\"_type\":\"\(role)\"", after: 30)
                #expect(try await refusal(changed) == "bundle.changed 6", "\(role)")
            }
            // A tarball concerns its plugin alone.
            var changed = bytes
            changed[bytes.count - 1_024 - 512] ^= 1
            let (last, plugins) = try await taken(changed)
            #expect(last == "bundle.changed 6")
            #expect(
                plugins
                    == ["@acme/a": "install 1.0.0 -", "@acme/b": "mismatch - held-back"])
            for (fault, seen) in [
                ("cut off at six places", "`bundle.truncated`, exit 6; nothing is installed"),
                (
                    "something before it or behind it",
                    "`bundle.format`, exit 6; nothing is installed"
                ),
                (
                    "one bit changed in its index",
                    "`bundle.signature` or `bundle.format`, exit 6; nothing is installed"
                ),
                (
                    "one bit changed in its metadata",
                    "`bundle.changed`, exit 6; nothing is installed"
                ),
                (
                    "one bit changed in a tarball",
                    "`bundle.changed`, exit 6; that plugin is held back, the others are installed"
                ),
            ] { try FaultMatrix.record(.bundles, "a bundle, \(fault)", seen) }
        }
    }

    @Test func anotherVendorsBundleIsRefused() async throws {
        try await BundleTests.withOfflineMachine { gateway, license, machine in
            try await withTemporaryFolder { folder in
                try await TestGateway.serving(in: folder, initial: ["--rule", "range"]) { other in
                    try await other.publish("@acme/a", "1.0.0")
                    let theirs = try await other.issue(["@acme/a"])
                    let bundle = folder.appending("theirs.tgbundle")
                    try await other.tollgate(
                        ["bundle", "create", "--license", theirs.id, "-o", bundle.string])
                    let ours = gateway.folder.appending("ours.tgbundle").string
                    try await gateway.tollgate(
                        ["bundle", "create", "--license", license, "-o", ours])
                    _ = try await machine.downloadPro(app: "1.0.0", ["--from", ours])
                    let run = try await machine.downloadPro(
                        app: "1.0.0", ["--from", bundle.string])
                    #expect(run.outcome.status == 6)
                    #expect(run.outcome.errorCode == "trust.unsigned")
                    #expect(machine.visibleVersion("@acme/a") == "1.0.0")
                    try FaultMatrix.record(
                        .bundles, "a bundle, another vendor's",
                        "`trust.unsigned`, exit 6; all plugins stay as they were")
                }
            }
        }
    }

    @Test func nothingIsWrittenOver() async throws {
        try await BundleTests.withOfflineMachine { gateway, license, _ in
            let bundle = gateway.folder.appending("mine.tgbundle")
            try Data("mine".utf8).write(to: URL(filePath: bundle.string))
            let outcome = try await run(
                Programs.tollgate,
                [
                    "bundle", "create", "--license", license, "-o", bundle.string, "--data",
                    gateway.data.string,
                ])
            #expect(outcome.status == 64)
            #expect(try Data(contentsOf: URL(filePath: bundle.string)) == Data("mine".utf8))
        }
    }

    /// A file that may not grow stands for a disk that is full.
    @Test func whatCannotBeWrittenLeavesWhatWasDownloadedAndNoBundle() async throws {
        try await withTemporaryFolder { folder in
            try await TestGateway.serving(in: folder) { gateway in
                var generator = SeededGenerator(seed: 5)
                let names = ["@acme/a", "@acme/b", "@acme/c"]
                for name in names {
                    let noise = (0..<1_500).flatMap { _ in
                        withUnsafeBytes(of: generator.next()) { [UInt8]($0) }
                    }
                    try await gateway.publish(name, "1.0.0", files: ["noise": noise])
                }
                let license = try await gateway.issue(names)
                let customer = try Customer(in: folder, gateway: gateway.url, key: license.key)
                let bundle = folder.appending("all.tgbundle").string
                func export(_ limit: String) async throws -> Outcome {
                    try await run(
                        "/bin/sh",
                        [
                            "-c", "trap '' XFSZ; ulimit -f \(limit); exec \"$@\"", "sh",
                            Programs.pkg.string, "export-all", "-o", bundle,
                        ], environment: customer.environment)
                }
                // In blocks of 512 bytes: a tarball fits, the three of them do not.
                let failed = try await export("60")
                #expect(failed.status == 7, "\(failed.errors)")
                #expect(failed.errors.contains(bundle))
                let left = try FileManager.default.contentsOfDirectory(atPath: folder.string)
                    .filter { $0.hasPrefix("all") }
                #expect(left == ["all.tgbundle.part"])
                let whole = try await export("unlimited")
                #expect(whole.status == 0, "\(whole.errors)")
                let made = try FileManager.default.contentsOfDirectory(atPath: folder.string)
                    .filter { $0.hasPrefix("all") }
                #expect(made == ["all.tgbundle"])
                // What was there was not asked for again.
                let log = try String(contentsOfFile: gateway.log.string, encoding: .utf8)
                let asked = log.split(separator: "\n").count { $0.contains(".a-1.0.0.tgz") }
                #expect(asked == 1, "\(log)")
                let taken = try await customer.downloadPro(app: "1.0.0", ["--from", bundle])
                #expect(taken.outcome.status == 0, "\(taken.outcome.errors)")
            }
        }
    }

    @Test func anExportKeepsNobodyWaitingWhileItDownloads() async throws {
        try await withTemporaryFolder { folder in
            try await SlowGateway.running(in: folder) { slow in
                try await slow.publish("@acme/slow")
                let customer = try await slow.customer("one", ["@acme/slow"])
                let bundle = folder.appending("slow.tgbundle")
                let export = try ChildProcess(
                    Programs.pkg, ["export-all", "-o", bundle.string],
                    environment: Programs.environment.merging(customer.environment) { $1 },
                    errors: folder.appending("errors"))
                let end = ContinuousClock.now + .seconds(60)
                while (try? FileManager.default.contentsOfDirectory(atPath: "\(bundle).part"))?
                    .isEmpty ?? true
                {
                    try #require(ContinuousClock.now < end)
                    try await Task.sleep(for: .milliseconds(20))
                }
                let other = try await customer.pkg("plugins", "clean")
                #expect(other.status == 0, "\(other.errors)")
                export.signal(9)
                _ = try await export.wait()
                #expect(!FileManager.default.fileExists(atPath: bundle.string))
            }
        }
    }
}
