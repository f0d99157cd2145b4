import CanonicalJSON
import Cryptography
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// The gateway killed with SIGKILL at random moments of a publication over npm's protocol.
///
/// After each kill the release is wholly there (packument, signed metadata, bytes) or wholly not.
@Suite(.serialized) struct PublishKillTests {
    private let kills = 100

    @Test func aReleaseIsWhollyThereOrNot() async throws {
        try await withTemporaryFolder { folder in
            let data = folder.appending("tollgate-data")
            let (token, documents) = try await prepare(folder, count: kills + 1)
            var random = SeededGenerator(seed: 5)
            let clock = ContinuousClock()
            var whole = Duration.zero
            var published: Set<String> = []
            var killed = 0
            for (round, document) in documents.enumerated() {
                let gateway = try await KilledGateway.start(data, log: folder.appending("log"))
                // The remains of the last round are gone, and what it published is signed.
                try await check(gateway, token, published, round)
                let upload = try ChildProcess(
                    "/usr/bin/curl",
                    [
                        "-s", "-o", "/dev/null", "-w", "%{http_code}", "-X", "PUT",
                        "-H", "Authorization: Bearer \(token)", "--data-binary",
                        "@\(document)", "\(gateway.url)/@acme%2fp",
                    ], environment: Programs.environment)
                let answer: String
                if round == 0 {
                    // This one comes to its end, and says how long that takes.
                    let begun = clock.now
                    answer = try await upload.wait().output
                    #expect(answer == "201")
                    whole = clock.now - begun
                    try await gateway.kill()
                } else {
                    let moment = whole * Double.random(in: 0...1.1, using: &random)
                    try await clock.sleep(for: moment)
                    try await gateway.kill()
                    answer = try await upload.wait().output
                    // How long one takes depends on what else the machine does.
                    whole = answer == "201" ? whole * 9 / 10 : whole * 21 / 20
                }
                // What was answered is there for good; what was not may be.
                if answer == "201" { published.insert("1.0.\(round)") } else { killed += 1 }
            }
            let gateway = try await KilledGateway.start(data, log: folder.appending("log"))
            try await check(gateway, token, published, documents.count)
            try await gateway.kill()
            #expect(killed > kills / 4, "too few publications were at work when they were killed")
        }
    }

    /// Makes the gateway, a publish token, and documents as npm sends them.
    private func prepare(
        _ folder: FilePath, count: Int
    ) async throws -> (token: String, documents: [FilePath]) {
        try await TestGateway.serving(in: folder) { gateway in
            let token = try await gateway.publishToken("@acme/p")
            var random = SeededGenerator(seed: 6)
            let content = (0..<300_000).map { _ in UInt8.random(in: 0...255, using: &random) }
            var documents: [FilePath] = []
            for index in 0..<count {
                let version = "1.0.\(index)"
                let tarball = try await gateway.pack(
                    "@acme/p", version, ">=1.0.0 <2.0.0", ["data.bin": content])
                let bytes = [UInt8](try Data(contentsOf: URL(filePath: tarball.string)))
                let stated: JSONValue = ["name": "@acme/p", "version": .string(version)]
                let attachment: JSONValue = [
                    "data": .string(Base64.encode(bytes)), "length": .integer(Int64(bytes.count)),
                ]
                let document: JSONValue = [
                    "name": "@acme/p", "dist-tags": ["latest": .string(version)],
                    "versions": JSONValue(sorted: [version: stated]),
                    "_attachments": JSONValue(sorted: ["@acme/p-\(version).tgz": attachment]),
                ]
                let file = folder.appending("publish-\(index).json")
                try Data(document.compactBytes).write(to: URL(filePath: file.string))
                documents.append(file)
            }
            return (token, documents)
        }
    }

    /// Checks that packument, signed metadata and bytes agree, and that nothing is left over.
    private func check(
        _ gateway: KilledGateway, _ token: String, _ published: Set<String>, _ round: Int
    ) async throws {
        let packument = try await gateway.get("/@acme%2fp", token)
        let seen = Set(packument.json["versions"]?.object?.names ?? [])
        let signed = try gateway.signedReleases()
        #expect(seen == Set(signed.keys), "round \(round)")
        #expect(published.isSubset(of: seen), "round \(round)")
        if let newest = seen.max(by: {
            $0.utf8.count == $1.utf8.count ? $0 < $1 : $0.utf8.count < $1.utf8.count
        }) {
            let tarball = try await gateway.get("/@acme/p/-/p-\(newest).tgz", token)
            #expect(Digest.of(.sha512, tarball.body).hex == signed[newest], "round \(round)")
        }
        let incoming = gateway.data.appending("artifacts").appending("incoming")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: incoming.string).isEmpty,
            "round \(round)")
    }
}

/// `tollgate serve` that is killed, not ended.
private struct KilledGateway {
    let data: FilePath
    let url: String
    private let server: ChildProcess

    static func start(_ data: FilePath, log: FilePath) async throws -> KilledGateway {
        let server = try ChildProcess(
            Programs.tollgate, ["serve", "--data", data.string, "--port", "0"],
            environment: Programs.environment, errors: log)
        let line = try await server.readLine()
        return KilledGateway(
            data: data, url: try #require(line.split(separator: " ").last.map(String.init)),
            server: server)
    }

    func kill() async throws {
        server.signal(9)
        _ = try await server.wait()
    }

    func get(_ path: String, _ token: String) async throws -> (body: [UInt8], json: JSONValue) {
        let file = data.removingLastComponent().appending("answer")
        let outcome = try await run(
            "/usr/bin/curl",
            ["-s", "-o", file.string, "-H", "Authorization: Bearer \(token)", url + path])
        #expect(outcome.status == 0)
        let body = [UInt8](try Data(contentsOf: URL(filePath: file.string)))
        return (body, (try? parseJSON(body)) ?? .null)
    }

    /// The SHA-512 of each release by its version, as the current metadata says it.
    func signedReleases() throws -> [String: String] {
        func signed(_ name: String) throws -> JSONValue? {
            let file = data.appending("metadata").appending(name)
            return try parseJSON([UInt8](Data(contentsOf: URL(filePath: file.string))))["signed"]
        }
        func version(_ json: JSONValue?, _ name: String) -> Int64? {
            json?["meta"]?[name]?["version"]?.integer
        }
        let number = try #require(version(signed("timestamp.json"), "snapshot.json"))
        let snapshot = try signed("\(number).snapshot.json")
        let role = "plugin-acme_2fp"
        guard let current = version(snapshot, "\(role).json") else { return [:] }
        let targets = try signed("\(current).\(role).json")?["targets"]?.object ?? [:]
        return Dictionary(
            uniqueKeysWithValues: targets.map { _, target in
                (
                    target["custom"]?["version"]?.string ?? "",
                    target["hashes"]?["sha512"]?.string ?? ""
                )
            })
    }
}
