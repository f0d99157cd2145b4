import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import Packages
import SystemPackage
import TestSupport
import Testing

@testable import Storage

/// What is said of releases, and which of them readers see.
struct ReleaseChangeTests {
    private let actor = Actor("test")
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    private func withReleases(
        _ versions: [(String, ReleaseRecord.State)],
        _ body: (_ releases: ReleaseRepository, _ name: PackageName) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let records = try Records(folder.appending("tollgate.db"))
            defer { try? records.close() }
            let name = try PackageName("@acme/x")
            for (version, state) in versions {
                try await add(version, state, of: name, to: records.releases)
            }
            try await body(records.releases, name)
        }
    }

    private func add(
        _ version: String, _ state: ReleaseRecord.State, of name: PackageName,
        to releases: ReleaseRepository
    ) async throws {
        let release = try Release(
            name: name, version: SemanticVersion(version), published: now,
            applicationRange: nil, length: 1,
            sha512: Digest.of(.sha512, Array(version.utf8)), unpackedSize: 1, fileCount: 1)
        try await releases.add(
            ReleaseRecord(
                release: release, sha1: Digest.of(.sha1, []), manifest: [:], state: state),
            by: actor, at: now)
    }

    static let refused = [
        String(repeating: "x", count: 1001), String(repeating: "é", count: 501), "two\nlines",
        "a\u{0}b", "\u{1B}[2J", "\u{202E}turned",
    ]

    @Test(arguments: refused) func refusesAMessageThatNobodyShouldRead(
        _ message: String
    ) async throws {
        try await withReleases([("1.0.0", .published)]) { releases, name in
            let version = try SemanticVersion("1.0.0")
            let deprecation = await #expect(throws: StorageError.self) {
                try await releases.deprecate(name, [version: message], by: actor, at: now)
            }
            #expect(deprecation?.code == .registryMessageInvalid)
            let withdrawal = await #expect(throws: StorageError.self) {
                try await releases.yank(name, version, reason: message, by: actor, at: now)
            }
            #expect(withdrawal?.code == .registryMessageInvalid)
            let kept = try #require(try await releases.release(name, version)).release
            #expect(kept.deprecated == nil && kept.yanked == nil)
        }
    }

    @Test func spacesSayNothing() async throws {
        try await withReleases([("1.0.0", .published)]) { releases, name in
            let version = try SemanticVersion("1.0.0")
            let longest = String(repeating: "x", count: 1000)
            for (message, kept) in [("old", "old"), (" \t\n", nil), (longest, longest), ("", nil)] {
                try await releases.deprecate(name, [version: message], by: actor, at: now)
                #expect(try await releases.release(name, version)?.release.deprecated == kept)
            }
            let error = await #expect(throws: StorageError.self) {
                try await releases.yank(name, version, reason: "  ", by: actor, at: now)
            }
            #expect(error?.code == .registryMessageInvalid)
        }
    }

    @Test func changesForAnOlderRevisionChangeNothing() async throws {
        try await withReleases([("1.0.0", .published), ("1.1.0", .published)]) { releases, name in
            let versions = try ["1.0.0", "1.1.0"].map { try SemanticVersion($0) }
            let revision = try await releases.snapshot(of: name).revision
            let changes = ReleaseChanges(
                messages: [versions[0]: "old"], withdrawn: [versions[1]], reason: "broken")
            try await releases.change(name, changes, ifAt: revision, by: actor, at: now)
            let after = try await releases.releases(of: name).map(\.release)
            #expect(after.map(\.deprecated) == ["old", nil])
            #expect(after.map(\.yanked) == [nil, "broken"])
            let error = await #expect(throws: StorageError.self) {
                try await releases.change(
                    name, ReleaseChanges(messages: [versions[0]: "older"]), ifAt: revision,
                    by: actor, at: now)
            }
            #expect(error?.code == .revisionConflict)
            #expect(try await releases.release(name, versions[0])?.release.deprecated == "old")
        }
    }

    @Test func readersDoNotSeeAPluginWhoseReleasesAwaitTheirSignature() async throws {
        try await withReleases([("1.0.0", .awaitingSignature)]) { releases, name in
            #expect(try await releases.plugins() == [])
            #expect(try await releases.existing(among: [name]) == [])
            #expect(try await releases.allPlugins() == [name])
            let plugin = try #require(try await releases.unsignedPlugins(expiringBefore: nil).first)
            let before = try await releases.snapshot(of: name).revision
            try await releases.markSigned(
                plugin, until: .distantFuture, showing: [SemanticVersion("1.0.0")])
            #expect(try await releases.plugins() == [name])
            #expect(try await releases.existing(among: [name]) == [name])
            // What readers see has another revision, and the metadata has it.
            #expect(try await releases.snapshot(of: name).revision > before)
            #expect(try await releases.unsignedPlugins(expiringBefore: .distantPast) == [])
        }
    }

    @Test func aTagMovesOnceTheReleaseIsSigned() async throws {
        try await withReleases([("1.0.0", .published)]) { releases, name in
            let (old, new) = (try SemanticVersion("1.0.0"), try SemanticVersion("1.1.0"))
            let latest = try DistTag("latest")
            try await releases.setTag(latest, of: name, to: old, by: actor, at: now)
            try await add("1.1.0", .awaitingSignature, of: name, to: releases)
            #expect(try await releases.release(name, old)?.release.tags == ["latest"])
            // The metadata is signed with what will be.
            #expect(try await releases.allReleases(of: name).onceSigned[0].release.tags == [])
            let error = await #expect(throws: StorageError.self) {
                try await releases.setTag(latest, of: name, to: new, by: actor, at: now)
            }
            #expect(error?.code == .recordNotFound)
            #expect(try await releases.release(name, old)?.release.tags == ["latest"])
            let plugin = try #require(try await releases.unsignedPlugins(expiringBefore: nil).first)
            try await releases.markSigned(plugin, until: .distantFuture, showing: [old, new])
            #expect(try await releases.release(name, old)?.release.tags == [])
            #expect(try await releases.unsignedPlugins(expiringBefore: .distantPast) == [])
        }
    }
}
