import CanonicalJSON
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// A gateway with two plugins whose targets key was moved away.
struct Offline {
    let gateway: TestGateway
    let key: FilePath

    static func serving(_ body: (Offline) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let key = folder.appending("vault.pem")
            try await TestGateway.serving(in: folder) { gateway in
                try await gateway.publish("@acme/a", "1.0.0")
                try await gateway.publish("@acme/b", "1.0.0")
                try FileManager.default.moveItem(
                    atPath: gateway.data.appending("keys/targets.pem").string, toPath: key.string)
                let settings = URL(filePath: gateway.data.appending("tollgate.yaml").string)
                try Data("url: \"\(gateway.url)\"\nsigning: offline\n".utf8).write(to: settings)
            }
            try await TestGateway.serving(in: folder) { gateway in
                try await body(Offline(gateway: gateway, key: key))
            }
        }
    }

    /// Runs a verb that may fail.
    func tollgate(_ arguments: [String]) async throws -> Outcome {
        try await run(Programs.tollgate, arguments + ["--data", gateway.data.string])
    }

    func export(_ more: [String] = []) async throws -> FilePath {
        let file = gateway.folder.appending("request.json")
        try await gateway.tollgate(
            ["keys", "export-unsigned", "--output", file.string] + more)
        return file
    }

    /// Signs where no data folder is.
    func sign(
        _ file: FilePath, with key: FilePath? = nil
    ) async throws -> (file: FilePath, outcome: Outcome) {
        let outcome = try await run(
            Programs.tollgate, ["keys", "sign", file.string, "--key", (key ?? self.key).string])
        try #require(outcome.status == 0, "\(outcome.errors)")
        return (FilePath(outcome.output.trimmingNewline), outcome)
    }

    /// As docs/keys.md says how to.
    func makeKey(_ name: String) async throws -> FilePath {
        let file = gateway.folder.appending("\(name).pem")
        let openssl: FilePath = "/usr/bin/openssl"
        let made = try await run(
            openssl, ["genpkey", "-algorithm", "ed25519", "-out", file.string])
        try #require(made.status == 0, "\(made.errors)")
        let told = try await run(
            openssl, ["pkey", "-in", file.string, "-pubout", "-out", "\(file.string).pub"])
        try #require(told.status == 0, "\(told.errors)")
        return file
    }

    func states(of plugin: String) async throws -> [String] {
        let rows = try await gateway.tollgate(["plugins", "show", plugin, "--json"]).json.array
        return (rows ?? []).compactMap { $0["state"]?.string }
    }
}

extension Sequence {
    func asyncMap<Value>(
        _ transform: (Element) async throws -> Value
    ) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await transform(element)) }
        return values
    }
}
