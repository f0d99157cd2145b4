import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// A mirror that serves what it likes, with everything but the keys, and with one of them.
@Suite struct MirrorFaultTests {
    /// The files of metadata that a gateway serves, by name.
    private typealias Files = [String: [UInt8]]

    private func metadata(of gateway: TestGateway) throws -> Files {
        let folder = gateway.data.appending("metadata").string
        var files: Files = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder)
        where path.hasSuffix(".json") {
            files[path] = [UInt8](try Data(contentsOf: URL(filePath: "\(folder)/\(path)")))
        }
        return files
    }

    private func fault(
        _ row: String, _ expected: NetworkFault.Expectation,
        from start: FaultyWay.Start = .installed, _ spoil: @escaping MiddleServer.Fault
    ) -> NetworkFault {
        NetworkFault(row: row, expected: expected, section: .trust, start: start, spoil: spoil)
    }

    @Test func oldAndForeignMetadataIsRefused() async throws {
        let before = Mutex<Files>([:])
        try await FaultyWay.open { gateway in
            let files = try metadata(of: gateway)
            before.withLock { $0 = files }
        } _: { way in
            let old = before.withLock(\.self)
            let foreign = try await foreignMetadata(in: way.gateway.folder)
            let current = Expectations.updated
            let timestamp = try #require(old["timestamp.json"])
            let expired = try sign(way.gateway, "timestamp") {
                $0["expires"] = "2020-01-01T00:00:00Z"
            }
            try await way.endure([
                fault(
                    "rollback: the timestamp of an earlier day", current("trust.rollback"),
                    from: .updated,
                    NetworkFault.on("timestamp.json") { _, _, _ in
                        [.response(200, body: timestamp)]
                    }),
                fault(
                    "freeze: a timestamp that was good and has expired",
                    .unchanged("trust.expired", status: 6),
                    NetworkFault.on("timestamp.json") { _, _, _ in
                        [.response(200, body: expired)]
                    }),
                fault(
                    "mix and match: an old snapshot under the new name",
                    .unchanged("trust.length", status: 6),
                    NetworkFault.on("snapshot.json") { _, _, _ in
                        newest("snapshot", of: old).map { [.response(200, body: $0)] }
                    }),
                fault(
                    "mix and match: a plugin's old list of releases under the new name",
                    .unchanged("trust.length", status: 6),
                    NetworkFault.on("/metadata/") { request, _, _ in
                        let name = request.target.split(separator: "/").last ?? ""
                        let role = name.split(separator: ".", maxSplits: 1).last.map(String.init)
                        guard let role = role?.dropLast(".json".count), role.contains("acme") else {
                            return nil
                        }
                        return newest(String(role), of: old).map { [.response(200, body: $0)] }
                    }),
                fault(
                    "metadata of another vendor", .unchanged("trust.unsigned", status: 6),
                    NetworkFault.on("/metadata/") { request, _, _ in
                        let name = request.target.split(separator: "/").last.map(String.init) ?? ""
                        return [
                            foreign[name].map { .response(200, body: $0) } ?? .response(404)
                        ]
                    }),
                fault(
                    "metadata without an end", .unchanged("network.too-large"),
                    NetworkFault.on("snapshot.json") { _, _, _ in NetworkFault.endless }),
                fault(
                    "a timestamp without an end", .unchanged("network.too-large"),
                    NetworkFault.on("timestamp.json") { _, _, _ in NetworkFault.endless }),
            ])
        }
    }

    private enum Expectations {
        /// Both are 2.0.0 before and after.
        static func updated(_ code: String) -> NetworkFault.Expectation {
            .init(status: 6, code: code, visible: ["2.0.0", "2.0.0"])
        }
    }

    /// The file of a role with the highest version.
    private func newest(_ role: String, of files: Files) -> [UInt8]? {
        let named = files.keys.filter { $0.hasSuffix(".\(role).json") }
        return named.max { number($0) < number($1) }.flatMap { files[$0] }
    }

    private func number(_ name: String) -> Int {
        name.split(separator: ".").first.flatMap { Int($0) } ?? 0
    }

    private func foreignMetadata(in folder: FilePath) async throws -> Files {
        let other = folder.appending("foreign")
        try FileManager.default.createDirectory(
            atPath: other.string, withIntermediateDirectories: true)
        // With an argument, because gateways without any share their keys.
        return try await TestGateway.serving(in: other, initial: ["--rule", "range"]) { gateway in
            try await gateway.publish("@acme/a", "2.0.0", application: ">=2.0.0 <3.0.0")
            return try metadata(of: gateway)
        }
    }

    /// A role's current file, changed and signed again with the vendor's own key.
    private func sign(
        _ gateway: TestGateway, _ role: String, _ change: (inout JSONObject) -> Void
    ) throws -> [UInt8] {
        let file = try #require(try metadata(of: gateway)["\(role).json"])
        let document = try parseJSON(file)
        var signed = try JSONReader(document)["signed"].object()
        change(&signed)
        let pem = try String(
            contentsOfFile: gateway.data.appending("keys/\(role).pem").string, encoding: .utf8)
        let signature = try PrivateKey(pem: Secret(pem)).sign(
            JSONValue.object(signed).canonicalBytes(), scheme: .ed25519)
        let keyID = try #require(document["signatures"]?.array?.first?["keyid"])
        return JSONValue.object([
            "signatures": [["keyid": keyID, "sig": .string(Hex.encode(signature))]],
            "signed": .object(signed),
        ]).compactBytes
    }

    @Test func tarballsOfOthersAreRefused() async throws {
        try await FaultyWay.open { way in
            let file = way.gateway.folder.appending("pack-@acme-a-2.0.0.tgz").string
            let other = [UInt8](try Data(contentsOf: URL(filePath: file)))
            try await way.endure([
                fault(
                    "another plugin's valid tarball", .heldBack("network.interrupted"),
                    NetworkFault.on(NetworkFault.tarball) { _, _, _ in
                        [.response(200, body: other)]
                    }),
                fault(
                    "another plugin's valid tarball, made as long as the one that is signed",
                    .heldBack("trust.hash", status: 6),
                    NetworkFault.on(NetworkFault.tarball) { _, _, real in
                        let length = real().body.count
                        return [
                            .response(
                                200,
                                body: other + [UInt8](repeating: 0, count: length - other.count))
                        ]
                    }),
                NetworkFault(
                    row: "a tarball with a bit flipped, and silence when it is fetched once more",
                    expected: .heldBack("trust.hash", status: 6), section: .trust,
                    arguments: ["--timeout", "15", "--on-failure", "continue"], limit: .seconds(45),
                    spoil: NetworkFault.on(NetworkFault.tarball) { _, count, real in
                        guard count == 0 else { return [.holdUntilClientCloses] }
                        var answer = real()
                        answer.body[answer.body.count / 2] ^= 1
                        return [answer.step]
                    },
                    inspect: { _, _ in "`--on-failure continue` does not forgive it" }),
            ])
        }
    }

    @Test func aTimestampOfTheFarFutureIsUndoneByReplacingItsKey() async throws {
        try await FaultyWay.open { way in
            let forged = try sign(way.gateway, "timestamp") { $0["version"] = 1_000_000_000 }
            var customer = try await way.customer(.updated)
            let middle = try MiddleServer(before: try way.gateway.port)
            defer { middle.stop() }
            customer.environment["TOLLGATE_URL"] = middle.url
            middle.spoil(
                NetworkFault.on("timestamp.json") { _, _, _ in [.response(200, body: forged)] })
            let taken = try await customer.update(through: [], [])
            #expect(taken.status == 0, "\(taken.errors)")
            middle.spoil(nil)
            let stuck = try await customer.update(through: [], [])
            #expect(stuck.status == 6)
            #expect(stuck.errorCode == "trust.rollback")
            for name in FaultyWay.plugins { #expect(try way.has(customer, name, "2.0.0")) }
            try await way.gateway.rotate("timestamp")
            let freed = try await customer.update(through: [], [])
            #expect(freed.status == 0, "\(freed.errors)")
            for name in FaultyWay.plugins { #expect(try way.has(customer, name, "2.0.0")) }
            try FaultMatrix.record(
                .trust, "fast-forward: a stolen timestamp key signs version 1,000,000,000",
                "`trust.rollback`, exit 6, for what is honest; both plugins stay as they were; over "
                    + "once the vendor has replaced the key")
        }
    }

    @Test func keysThatWereReplacedAreFollowed() async throws {
        try await FaultyWay.open { way in
            for key in KeyRotationTests.keys { try await way.gateway.rotate(key) }
            try await way.endure(
                fault("each of the vendor's keys is replaced", .overcome) { _, _, _ in nil })
        }
    }

    @Test func aBitFlippedInAnyFileIsRefused() async throws {
        try await FaultyWay.open { way in
            let clean = try MiddleServer(before: try way.gateway.port)
            defer { clean.stop() }
            var first = try await way.customer(.fresh)
            first.environment["TOLLGATE_URL"] = clean.url
            let healthy = try await first.update(through: [], [])
            try #require(healthy.status == 0, "\(healthy.errors)")
            // What is not there has no bits; the answer to the check-in is one more file.
            let targets = clean.requests.map(\.target).filter { !$0.hasSuffix("/2.root.json") }
            #expect(targets.count > 8)
            let codes = try await withThrowingTaskGroup(of: String.self) { group in
                var codes: Set<String> = []
                for (index, target) in targets.enumerated() {
                    if index >= 4, let code = try await group.next() { codes.insert(code) }
                    group.addTask { try await refusal(of: target, way) }
                }
                for try await code in group { codes.insert(code) }
                return codes
            }
            let named = codes.sorted().map { "`\($0)`" }.joined(separator: ", ")
            try FaultMatrix.record(
                .trust,
                "a bit flipped in each file that a first run asks for (\(targets.count) files)",
                "\(named); nothing of it is installed; the next run puts it right")
        }
    }

    /// Flips a bit in the middle of one answer, and tells by what code it was refused.
    private func refusal(of target: String, _ way: FaultyWay) async throws -> String {
        let middle = try MiddleServer(before: try way.gateway.port)
        defer { middle.stop() }
        middle.spoil { request, _, real in
            guard request.target == target else { return nil }
            var answer = real()
            answer.body[answer.body.count / 2] ^= 1
            return [answer.step]
        }
        var customer = try await way.customer(.fresh)
        customer.environment["TOLLGATE_URL"] = middle.url
        let outcome = try await customer.update(through: [], [])
        let code = try #require(outcome.errorCode, "\(target)")
        let words = "\(target): \(outcome.errors)"
        let prefixes = ["trust.", "license.", "registry."]
        #expect(prefixes.contains { code.hasPrefix($0) }, "\(words)")
        #expect(outcome.status == 6 || outcome.status == 4, "\(words)")
        #expect(customer.strayFiles == [], "\(words)")
        for name in FaultyWay.plugins {
            // A tarball spoils its own plugin alone.
            let isOther = target.hasSuffix(".tgz") && !target.contains("\(name.dropFirst(6))-2.0.0")
            #expect(try way.has(customer, name, isOther ? "2.0.0" : nil), "\(words)")
        }
        middle.spoil(nil)
        let next = try await customer.update(through: [], [])
        #expect(next.status == 0, "I3 after \(words): \(next.errors)")
        for name in FaultyWay.plugins { #expect(try way.has(customer, name, "2.0.0"), "\(words)") }
        return code
    }
}
