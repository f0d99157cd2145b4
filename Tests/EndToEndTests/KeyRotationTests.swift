import CanonicalJSON
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// `tollgate keys rotate` beside a gateway that serves, and customers of every age.
@Suite struct KeyRotationTests {
    static let keys = [
        "root", "targets", "snapshot", "timestamp", "license", "registry", "nocodb",
    ]

    @Test(arguments: keys)
    func customersOfEveryAgeGoOn(_ key: String) async throws {
        try await TestGateway.withTwoPlugins { gateway in
            let old = try await gateway.customer("old")
            #expect(try await old.downloadPro(app: "1.0.0").plugins.count == 2)
            let before = try await gateway.keyIDs(of: key)

            let rotated = try await gateway.rotate(key)
            #expect(rotated.output.hasPrefix("replaced the key \(key)\nold  \(before[0])\n"))
            let after = try await gateway.keyIDs(of: key)
            #expect(after.count == before.count + 1)
            #expect(after[1] == before[0], "the key of before is still shown")

            // The gateway that was running signs what comes now, by the new key.
            for name in ["@acme/a", "@acme/b"] {
                try await gateway.publish(name, "2.0.0", application: ">=2.0.0 <3.0.0")
            }
            for customer in [old, try await gateway.customer("new")] {
                let refreshed = try await customer.pkg("license", "refresh")
                #expect(refreshed.status == 0, "\(refreshed.errors)")
                for version in ["2.0.0", "1.0.0"] {
                    let run = try await customer.downloadPro(app: version)
                    #expect(run.outcome.status == 0, "\(run.outcome.errors)")
                    #expect(customer.visibleVersion("@acme/a") == version)
                    #expect(customer.visibleVersion("@acme/b") == version)
                }
            }
        }
    }

    /// Killed at its first, second, third … change of the disk, each time on the same gateway.
    @Test(.enabled("strace does not work here") { await Strace.works }, arguments: keys)
    func aRotationThatIsKilledIsEndedByTheNext(_ key: String) async throws {
        try await TestGateway.withTwoPlugins { gateway in
            let sleeper = try await gateway.customer("sleeper")
            #expect(try await sleeper.downloadPro(app: "1.0.0").outcome.status == 0)
            let old = try await gateway.customer("old")
            var version = 0
            for step in 1...60 {
                let before = try await gateway.keyIDs(of: key)
                let killed = try await Strace.run(
                    Programs.tollgate,
                    ["keys", "rotate", key, "--at-once", "--data", gateway.data.string],
                    killedAtDiskCall: step)
                // What stands there now serves those who were here before and those who come.
                let new = step.isMultiple(of: 3) ? [try await gateway.customer("new-\(step)")] : []
                for customer in [old] + new {
                    let run = try await customer.downloadPro(app: "1.0.0")
                    #expect(run.outcome.status == 0, "\(step): \(run.outcome.errors)")
                    #expect(customer.visibleVersion("@acme/a") == "1.0.0")
                }
                if !killed {
                    #expect(step > 3, "it was killed at several steps")
                    break
                }
                // Publishing goes on with it, or the command does.
                if step.isMultiple(of: 2) {
                    version += 1
                    try await gateway.publish(
                        "@acme/c", "1.0.\(version)", application: ">=1.0.0 <2.0.0")
                } else {
                    let again = try await gateway.rotate(key)
                    #expect(again.output.hasPrefix("replaced the key \(key)\n"))
                    #expect(try await gateway.keyIDs(of: key)[0] != before[0])
                }
                #expect(
                    !FileManager.default.fileExists(
                        atPath: gateway.data.appending("keys/\(key).next.pem").string))
                let names = try FileManager.default.contentsOfDirectory(
                    atPath: gateway.data.appending("keys").string)
                #expect(!names.contains("rotation.json"))
            }
            let run = try await sleeper.downloadPro(app: "1.0.0")
            #expect(run.outcome.status == 0, "\(run.outcome.errors)")
        }
    }

    @Test func oneWhoSleptThroughAllRotationsAwakes() async throws {
        try await TestGateway.withTwoPlugins { gateway in
            let sleeper = try await gateway.customer("sleeper")
            #expect(try await sleeper.downloadPro(app: "1.0.0").outcome.status == 0)
            for round in 1...2 {
                for key in Self.keys { try await gateway.rotate(key) }
                try await gateway.publish("@acme/a", "2.0.\(round)", application: ">=2.0.0 <3.0.0")
            }
            let run = try await sleeper.downloadPro(app: "2.0.0")
            #expect(run.outcome.status == 0, "\(run.outcome.errors)")
            #expect(sleeper.visibleVersion("@acme/a") == "2.0.2")
        }
    }

    @Test func aRevokedLicenseKeyMakesEverybodyAskAgain() async throws {
        try await TestGateway.withTwoPlugins { gateway in
            let online = try await gateway.customer("online")
            #expect(try await online.downloadPro(app: "1.0.0").outcome.status == 0)
            let airgapped = try await gateway.customer("airgapped", ["--mode", "airgapped"])
            #expect(try await airgapped.downloadPro(app: "1.0.0").outcome.status == 0)
            try await gateway.rotate("license", ["--revoke-old"])
            let states = try await gateway.keyStates(of: "license")
            #expect(states == ["signing", "retired"])
            for customer in [online, airgapped] {
                let run = try await customer.downloadPro(app: "1.0.0")
                #expect(run.outcome.status == 0, "\(run.outcome.errors)")
                let status = try await customer.pkg("license", "status")
                #expect(status.status == 0, "\(status.errors)")
            }
        }
    }

    @Test func aRevokedRegistryKeySignsNothingAnyMore() async throws {
        try await TestGateway.withTwoPlugins { gateway in
            try await gateway.rotate("registry")
            #expect(try await gateway.keyStates(of: "registry") == ["signing", "listed"])
            try await gateway.publish("@acme/a", "1.1.0")
            try await gateway.rotate("registry", ["--revoke-old"])
            #expect(
                try await gateway.keyStates(of: "registry") == ["signing", "retired", "retired"])
            let customer = try await gateway.customer("new")
            let run = try await customer.downloadPro(app: "1.0.0")
            #expect(run.outcome.status == 0, "\(run.outcome.errors)")
            #expect(customer.visibleVersion("@acme/a") == "1.1.0")
        }
    }

    @Test func theRootKeyMayBeElsewhere() async throws {
        try await TestGateway.withTwoPlugins { gateway in
            let old = try await gateway.customer("old")
            #expect(try await old.downloadPro(app: "1.0.0").outcome.status == 0)
            let stick = gateway.folder.appending("stick.pem")
            let home = gateway.data.appending("keys/root.pem")
            try FileManager.default.moveItem(atPath: home.string, toPath: stick.string)
            for key in ["root", "targets", "license"] {
                let refused = try await run(
                    Programs.tollgate, ["keys", "rotate", key, "--data", gateway.data.string])
                #expect(refused.status == 6)
                #expect(refused.errorCode == "trust.signing-key")
                #expect(refused.errors.contains("--root-key"))
                try await gateway.rotate(key, ["--root-key", stick.string])
            }
            #expect(!FileManager.default.fileExists(atPath: home.string))
            #expect(try await gateway.keyStates(of: "root") == ["elsewhere", "retired"])
            let run = try await old.downloadPro(app: "1.0.0")
            #expect(run.outcome.status == 0, "\(run.outcome.errors)")
        }
    }

    @Test(.enabled("strace does not work here") { await Strace.works })
    func aKilledRotationOfARootKeyElsewhereIsEndedWithIt() async throws {
        try await TestGateway.withTwoPlugins { gateway in
            let old = try await gateway.customer("old")
            let stick = gateway.folder.appending("stick.pem")
            try FileManager.default.moveItem(
                atPath: gateway.data.appending("keys/root.pem").string, toPath: stick.string)
            for step in 1...60 {
                let killed = try await Strace.run(
                    Programs.tollgate,
                    [
                        "keys", "rotate", "root", "--root-key", stick.string, "--data",
                        gateway.data.string,
                    ], killedAtDiskCall: step)
                // The stick is not here when the next release is signed.
                let away = FilePath("\(stick.string).away")
                try FileManager.default.moveItem(atPath: stick.string, toPath: away.string)
                try await gateway.publish(
                    "@acme/a", "1.1.\(step)", files: ["index.js": Array("\(step)".utf8)])
                try FileManager.default.moveItem(atPath: away.string, toPath: stick.string)
                let run = try await old.downloadPro(app: "1.0.0")
                #expect(run.outcome.status == 0, "\(step): \(run.outcome.errors)")
                #expect(old.visibleVersion("@acme/a") == "1.1.\(step)")
                guard killed else {
                    #expect(step > 3)
                    break
                }
                try await gateway.rotate("root", ["--root-key", stick.string])
                try await gateway.rotate("snapshot", ["--root-key", stick.string])
            }
            let names = try FileManager.default.contentsOfDirectory(
                atPath: gateway.data.appending("keys").string)
            #expect(!names.contains("rotation.json") && !names.contains("root.pem"))
        }
    }

    struct WrongUse: Sendable {
        let arguments: [String]
        let status: Int32
        let code: String
    }

    @Test(arguments: [
        WrongUse(arguments: ["root", "--revoke-old"], status: 64, code: "usage.invalid"),
        WrongUse(arguments: ["nocodb", "--revoke-old"], status: 64, code: "usage.invalid"),
        WrongUse(arguments: ["banana"], status: 64, code: "usage.invalid"),
        WrongUse(
            arguments: ["root", "--root-key", "garbage"], status: 6, code: "key.malformed"),
        WrongUse(
            arguments: ["snapshot", "--root-key", "other"], status: 6, code: "trust.signing-key"),
        WrongUse(arguments: ["root", "--root-key", "other"], status: 6, code: "trust.signing-key"),
    ])
    func wrongUseChangesNothing(_ use: WrongUse) async throws {
        try await TestGateway.withTwoPlugins { gateway in
            let home = gateway.data.appending("keys/root.pem")
            try Data("garbage".utf8).write(
                to: URL(filePath: gateway.folder.appending("garbage").string))
            try FileManager.default.copyItem(
                atPath: gateway.data.appending("keys/targets.pem").string,
                toPath: gateway.folder.appending("other").string)
            try FileManager.default.moveItem(
                atPath: home.string, toPath: gateway.folder.appending("stick").string)
            let arguments = use.arguments.map {
                ["garbage", "other"].contains($0) ? gateway.folder.appending($0).string : $0
            }
            let before = try await gateway.tollgate(["keys", "list"]).output
            let outcome = try await run(
                Programs.tollgate, ["keys", "rotate", "--data", gateway.data.string] + arguments)
            #expect(outcome.status == use.status, "\(outcome.errors)")
            #expect(outcome.errorCode == use.code)
            #expect(try await gateway.tollgate(["keys", "list"]).output == before)
        }
    }
}

extension TestGateway {
    @discardableResult
    func rotate(_ key: String, _ more: [String] = []) async throws -> Outcome {
        try await tollgate(["keys", "rotate", key, "--at-once"] + more)
    }

    func keyIDs(of key: String) async throws -> [String] {
        try await listedKeys(key, "key_id")
    }

    func keyStates(of key: String) async throws -> [String] {
        try await listedKeys(key, "state")
    }

    private func listedKeys(_ key: String, _ member: String) async throws -> [String] {
        let keys = try await tollgate(["keys", "list", "--json"]).json.array ?? []
        return keys.filter { $0["name"]?.string == key }.compactMap { $0[member]?.string }
    }

    /// A customer with a license of its own for both plugins.
    func customer(_ name: String, _ more: [String] = []) async throws -> Customer {
        let license = try await issue(["@acme/a", "@acme/b"], more)
        return try Customer(in: folder, gateway: url, key: license.key, named: name)
    }
}

/// Runs programs that are killed at a system call.
enum Strace {
    private static let program: FilePath = "/usr/bin/strace"

    /// Whether tracing is allowed here, which it is not on every machine.
    static var works: Bool {
        get async {
            guard FileManager.default.isExecutableFile(atPath: program.string) else { return false }
            let outcome = try? await EndToEndTests.run(program, ["-f", "/bin/true"])
            return outcome?.status == 0
        }
    }

    /// Runs a program that is killed when one of its threads changes the disk for that many times.
    ///
    /// - Returns: whether it was killed, which one with fewer changes is not
    static func run(
        _ traced: FilePath, _ arguments: [String], killedAtDiskCall count: Int
    ) async throws -> Bool {
        let calls = "rename,unlink,fsync,fdatasync"
        let outcome = try await EndToEndTests.run(
            program,
            [
                "-f", "-o", "/dev/null", "-e", "trace=\(calls)", "-e",
                "inject=\(calls):signal=KILL:when=\(count)", traced.string,
            ] + arguments)
        guard outcome.status == 0 else {
            try #require(outcome.status < 0 || outcome.status == 137, "\(outcome.errors)")
            return true
        }
        return false
    }
}
