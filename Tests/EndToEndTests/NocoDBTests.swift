import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// A client of NocoDB's protocol that another hand wrote, in another language, against a gateway.
@Suite(
    .enabled("needs python3 with PyJWT and cryptography (scripts/test-requirements.txt)") {
        await Python.canImport("jwt", "cryptography")
    })
struct NocoDBTests {
    private let client = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .removingLastComponent().appending("fixtures/nocodb/client.py")

    @Test func aForeignClientIsServed() async throws {
        try await withTemporaryFolder { folder in
            try await TestGateway.serving(in: folder) { gateway in
                try await gateway.publish("@acme/a", "1.0.0")
                let plan = folder.appending("plan.json")
                try write(
                    #"{"name":"pro","plugins":[{"name":"@acme/a"}],"limits":{"workspaces":2}}"#,
                    to: plan)
                let (license, standard) = try await gateway.issue(
                    ["@acme/a"], ["--plan", plan.string, "--seats", "10"])
                let perpetual = try await gateway.tollgate([
                    "licenses", "issue", "--account", "Globex", "--plugins", "@acme/a", "--json",
                ]).json["key"]
                let keys: JSONValue = [
                    "standard": .string(standard),
                    "airgapped": .string(
                        try await gateway.issue(["@acme/a"], ["--mode", "airgapped"]).key),
                    "perpetual": try #require(perpetual),
                    "unused": .string(try await gateway.issue(["@acme/a"]).key),
                ]
                let pem = folder.appending("nocodb.pem")
                try write(
                    try await gateway.tollgate(["keys", "show", "nocodb"]).output, to: pem)

                let output = try await Python.run(
                    file: client, [gateway.url, pem.string], input: text(["keys": keys]))
                var state = try #require(parseJSON(Array(output.utf8)).object)
                for (verb, status) in [
                    ("suspend", "suspended"), ("resume", "active"), ("revoke", "revoked"),
                ] {
                    try await gateway.tollgate(["licenses", verb, license])
                    state["status"] = .string(status)
                    _ = try await Python.run(
                        file: client, [gateway.url, pem.string, "again"],
                        input: text(.object(state)))
                }
            }
        }
    }

    /// A gateway that is older than the key gets one, and keeps it; no private half is ever shown.
    @Test func theKeyIsMadeWhenItIsFirstAskedFor() async throws {
        try await withTemporaryFolder { folder in
            try await TestGateway.serving(in: folder) { gateway in
                let file = gateway.data.appending("keys/nocodb.pem").string
                let first = try String(contentsOfFile: file, encoding: .utf8)
                try FileManager.default.removeItem(atPath: file)
                // Two at once make one.
                async let left = gateway.tollgate(["keys", "show", "nocodb"])
                async let right = gateway.tollgate(["keys", "show", "nocodb"])
                let (made, beside) = try await (left.output, right.output)
                #expect(made == beside)
                let kept = try PrivateKey(
                    pem: Secret(try String(contentsOfFile: file, encoding: .utf8)))
                #expect(try PublicKey(pem: made) == kept.publicKey)
                #expect(try PrivateKey(pem: Secret(first)).publicKey != kept.publicKey)

                let list = try await gateway.tollgate(["keys", "list", "--json"])
                let keys = try #require(try list.json.array)
                #expect(
                    keys.compactMap { $0["name"]?.string } == [
                        "root", "targets", "snapshot", "timestamp", "license", "registry", "nocodb",
                        "bundle",
                    ])
                #expect(
                    keys.compactMap { $0["type"]?.string } == [
                        "ed25519", "ed25519", "ed25519", "ed25519", "ed25519", "ecdsaP256", "rsa",
                        "ed25519",
                    ])
                #expect(Set(keys.compactMap { $0["key_id"]?.string }).count == keys.count)
                let table = try await gateway.tollgate(["keys", "list"])
                for output in [list.output, table.output, made] {
                    #expect(!output.contains("PRIVATE"))
                }
                #expect(table.output.contains("SHA256:"))

                let unknown = try await run(
                    Programs.tollgate, ["keys", "show", "none", "--data", gateway.data.string])
                #expect(unknown.status == 64)
                #expect(unknown.errorCode == "gateway.record-not-found")
            }
        }
    }

    private func text(_ json: JSONValue) -> String {
        String(decoding: json.compactBytes, as: UTF8.self)
    }

    private func write(_ text: String, to path: FilePath) throws {
        try Data(text.utf8).write(to: URL(filePath: path.string))
    }
}
