import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import HTTPTransfer
import Licensing
import Packages
import Storage
import Testing

@testable import Gateway

/// Who sees what, by every protocol: twelve askers and seven ways to ask.
///
/// `@acme/x` has 1.0.0 (30 days old), 1.1.0 (withdrawn), 1.2.0 (of today) and 2.0.0-beta.1 on the
/// channel `next`; `@acme/other` has 1.0.0.
struct AccessTableTests {
    /// What one way of asking gives.
    enum Seen: Equatable, CustomStringConvertible {
        /// Versions of a packument, or names of plugins.
        case list([String])
        case bytes
        case refused(Int, String)

        var description: String {
            switch self {
            case .list(let names): names.joined(separator: " ")
            case .bytes: "bytes"
            case .refused(let status, let code): "\(status) \(code)"
            }
        }
    }

    struct Row: CustomTestStringConvertible {
        let testDescription: String
        /// The release whose tarball is asked for; its plugin's packument is too.
        var plugin = "@acme/x"
        var version = "1.0.0"
        let packument: Seen
        let tarball: Seen
        let search: Seen
        let proPackages: Seen
        let token: @Sendable (TestGateway) async throws -> Secret<String>?
    }

    private static let unknown = Seen.refused(404, "registry.not-found")
    private static let suspended = Seen.refused(403, "license.suspended")
    private static let revoked = Seen.refused(403, "license.revoked")
    private static let ended = Seen.refused(403, "license.expired")
    private static let toCome = Seen.refused(403, "license.not-yet-valid")
    private static let forbidden = Seen.refused(403, "registry.version-forbidden")
    private static let all = Seen.list(["1.0.0", "1.2.0", "2.0.0-beta.1"])
    private static let usual = Seen.list(["1.0.0", "1.2.0"])
    private static let x = Seen.list(["@acme/x"])
    private static let everything = Seen.list(["@acme/other", "@acme/x"])

    static let rows = [
        Row(
            testDescription: "anonymous", packument: unknown, tarball: unknown,
            search: .list([]), proPackages: .list([])
        ) { _ in nil },
        Row(
            testDescription: "standard", packument: usual, tarball: .bytes, search: x,
            proPackages: x
        ) { try await token($0) },
        Row(
            testDescription: "airgapped", packument: usual, tarball: .bytes, search: x,
            proPackages: x
        ) { gateway in
            try await token(gateway, mode: .airgapped) {
                $0.expires = gateway.test.clock.now.addingTimeInterval(86_400)
            }
        },
        Row(
            testDescription: "expired, and keeps what it covered", packument: .list(["1.0.0"]),
            tarball: .bytes, search: x, proPackages: x
        ) { try await token($0, after: { expire(&$0, .keep, $1) }) },
        Row(
            testDescription: "expired, and a later release", version: "1.2.0",
            packument: .list(["1.0.0"]), tarball: forbidden, search: x, proPackages: x
        ) { try await token($0, after: { expire(&$0, .keep, $1) }) },
        Row(
            testDescription: "expired, and pauses", packument: ended, tarball: ended,
            search: .list([]), proPackages: ended
        ) { try await token($0, after: { expire(&$0, .pause, $1) }) },
        Row(
            testDescription: "suspended", packument: suspended, tarball: suspended,
            search: .list([]), proPackages: suspended
        ) { try await token($0, after: { license, _ in license.status = .suspended }) },
        Row(
            testDescription: "revoked", packument: revoked, tarball: revoked, search: .list([]),
            proPackages: revoked
        ) { try await token($0, after: { license, _ in license.status = .revoked }) },
        Row(
            testDescription: "to come", packument: toCome, tarball: toCome, search: .list([]),
            proPackages: toCome
        ) { gateway in
            try await accessKeyToken(gateway) {
                $0.begins = gateway.test.clock.now.addingTimeInterval(86_400)
            }
        },
        Row(
            testDescription: "other plugin", plugin: "@acme/other", packument: unknown,
            tarball: unknown, search: x, proPackages: x
        ) { try await token($0) },
        Row(
            testDescription: "period ended", version: "1.2.0", packument: .list(["1.0.0"]),
            tarball: forbidden, search: x, proPackages: x
        ) { try await token($0, updatesUntil: -20) },
        Row(
            testDescription: "period ended before the first release", packument: forbidden,
            tarball: forbidden, search: .list([]), proPackages: x
        ) { try await token($0, updatesUntil: -40) },
        Row(
            testDescription: "yanked", version: "1.1.0", packument: usual, tarball: .bytes,
            search: x, proPackages: x
        ) { try await token($0) },
        Row(
            testDescription: "pre-release channel, not allowed", version: "2.0.0-beta.1",
            packument: usual, tarball: forbidden, search: x, proPackages: x
        ) { try await token($0) },
        Row(
            testDescription: "pre-release channel, allowed", version: "2.0.0-beta.1",
            packument: all, tarball: .bytes, search: x, proPackages: x
        ) { try await token($0) { $0.channels = ["next"] } },
        Row(
            testDescription: "publisher", version: "2.0.0-beta.1", packument: all,
            tarball: .bytes, search: x, proPackages: x
        ) { try await publisher($0, ["@acme/x"]) },
        Row(
            testDescription: "publisher of another plugin", packument: unknown, tarball: unknown,
            search: .list(["@acme/other"]), proPackages: .list(["@acme/other"])
        ) { try await publisher($0, ["@acme/other"]) },
        Row(
            testDescription: "publisher of the scope", packument: all, tarball: .bytes,
            search: everything, proPackages: everything
        ) { try await publisher($0, ["@acme/*"]) },
        Row(
            testDescription: "admin", version: "1.1.0", packument: all, tarball: .bytes,
            search: everything, proPackages: everything
        ) { $0.test.adminToken },
    ]

    @Test(arguments: rows) func sees(_ row: Row) async throws {
        try await TestGateway.run { gateway in
            let digests = try await publishAll(gateway.test)
            let token = try await row.token(gateway)
            func ask(
                _ path: String, accept: String? = nil, _ read: (JSONValue) -> [String]?
            ) async throws -> Seen {
                let response = try await gateway.send(
                    "GET", path, token: token, headers: accept.map { [("Accept", $0)] } ?? [])
                guard response.status == 200 else {
                    return .refused(Int(response.status), response.code ?? "")
                }
                return read(response.json).map { .list($0) } ?? .bytes
            }
            let versions = { (json: JSONValue) in json["versions"]?.object?.names }
            #expect(try await ask("/\(row.plugin)", versions) == row.packument)
            #expect(
                try await ask(
                    "/\(row.plugin)", accept: "application/vnd.npm.install-v1+json", versions)
                    == row.packument, "abbreviated")
            let name = try PackageName(row.plugin)
            let file = "\(name.bare)-\(row.version).tgz"
            #expect(try await ask("/\(name)/-/\(file)") { _ in nil } == row.tarball)
            let digest = try #require(digests["\(name)@\(row.version)"])
            #expect(
                try await ask("/targets/\(name)/-/\(digest).\(file)") { _ in nil } == row.tarball,
                "by the signed address")
            #expect(try await ask("/metadata/timestamp.json") { _ in nil } == .bytes)
            #expect(
                try await ask("/-/v1/search?text=") { json in
                    json["objects"]?.array?.compactMap { $0["package"]?["name"]?.string }
                } == row.search)
            #expect(
                try await ask("/pro-packages") { json in
                    json["data"]?.array?.compactMap(\.string)
                } == row.proPackages)
        }
    }

    /// - Returns: the SHA-512 of each release
    private func publishAll(_ test: TestVendor) async throws -> [String: String] {
        let early = test.clock.now.addingTimeInterval(-30 * 86_400)
        let releases = [
            try await test.publish("@acme/x", "1.0.0", PublishOptions(published: early)),
            try await test.publish("@acme/x", "1.1.0", PublishOptions(published: early)),
            try await test.publish("@acme/x", "1.2.0"),
            try await test.publish("@acme/x", "2.0.0-beta.1", PublishOptions(channel: "next")),
            try await test.publish("@acme/other", "1.0.0"),
        ]
        try await test.vendor.records.releases.yank(
            PackageName("@acme/x"), SemanticVersion("1.1.0"), reason: "bug", by: test.actor,
            at: test.clock.now)
        return Dictionary(
            uniqueKeysWithValues: releases.map { ("\($0.name)@\($0.version)", $0.sha512.hex) })
    }

    /// The token of a license for `@acme/x`, which changes after it was activated.
    private static func token(
        _ gateway: TestGateway, mode: LicenseMode = .standard, updatesUntil days: Double? = nil,
        _ terms: (inout LicenseTerms) -> Void = { _ in },
        after change: (@Sendable (inout LicenseRecord, Date) -> Void)? = nil
    ) async throws -> Secret<String> {
        let test = gateway.test
        let (license, key) = try await test.issue(
            ["@acme/x"], mode: mode,
            updatesUntil: days.map { test.clock.now.addingTimeInterval($0 * 86_400) }
        ) { terms(&$0) }
        let token = try await TestInstance(gateway).register(key).token
        if let change {
            // It was asked for before, so that what is kept of the answer is known to go.
            _ = try await gateway.send("GET", "/@acme/x", token: token)
            let now = test.clock.now
            _ = try await gateway.vendor.records.licenses.change(
                license.id, as: "license.edit", by: test.actor, at: now
            ) { change(&$0, now) }
        }
        return token
    }

    /// What `npm login` gets for the access key pair of a license.
    private static func accessKeyToken(
        _ gateway: TestGateway, _ terms: @Sendable (inout LicenseTerms) -> Void
    ) async throws -> Secret<String> {
        var changed = LicenseTerms(
            grants: [LicenseTerms.Grant(plugin: "@acme/x", updatesUntil: nil)])
        terms(&changed)
        let key = AccessKey.make()
        _ = try await gateway.vendor.issueLicense(
            to: "Beta GmbH", changed, accessKey: key, by: gateway.test.actor)
        return try await gateway.logIn(key)
    }

    private static func expire(
        _ license: inout LicenseRecord, _ afterTerm: AfterTerm, _ now: Date
    ) {
        license.terms.expires = now.addingTimeInterval(-86_400)
        license.terms.graceDays = 0
        license.terms.afterTerm = afterTerm
    }

    private static func publisher(
        _ gateway: TestGateway, _ plugins: [String]
    ) async throws -> Secret<String> {
        try await gateway.vendor.makePublishToken(
            named: "ci", for: plugins, lifetime: nil, by: gateway.test.actor
        ).token
    }
}
