import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import Licensing
import Packages
import SystemPackage
import TestSupport
import Testing

@testable import Storage

struct RepositoryTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)
    private let actor = Actor("test")

    private func withRecords(
        _ body: (Records) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            try await body(Records(folder.appending("tollgate.db")))
        }
    }

    private func license(_ records: Records) async throws -> LicenseRecord {
        let account = try await records.licenses.account(named: "Beta", at: now)
        let terms = LicenseTerms(
            mode: .airgapped, plan: "business", isTrial: true,
            begins: now, expires: now.addingTimeInterval(86_400), graceDays: 3,
            timezone: "Europe/Berlin",
            afterTerm: .pause, checkIn: CheckInPolicy(interval: 1, retry: 2, lease: 3),
            rebinding: RebindingPolicy(perYear: 5, windowDays: 7),
            grants: [
                LicenseTerms.Grant(plugin: "@acme/b", updatesUntil: now),
                LicenseTerms.Grant(plugin: "@acme/a", updatesUntil: nil),
            ],
            features: ["f": 1], limits: ["seats": 50], domains: ["*.beta.example"],
            channels: ["latest", "next"])
        return LicenseRecord(id: "lic_1", account: account, terms: terms, created: now)
    }

    @Test func aLicenseComesBackAsItWentIn() async throws {
        try await withRecords { records in
            let license = try await license(records)
            let digest = Digest.of(.sha256, [1])
            try await records.licenses.add(license, keyDigest: digest, by: actor)
            #expect(try await records.licenses.license(id: "lic_1") == license)
            #expect(try await records.licenses.license(keyDigest: digest) == license)
            #expect(try await records.licenses.all() == [license])
            #expect(try await records.licenses.license(id: "lic_2") == nil)
            #expect(
                try await records.licenses.license(keyDigest: Digest.of(.sha256, [2])) == nil)
        }
    }

    struct Damage {
        let text: String
        var isRefused = true
    }

    @Test(arguments: [
        Damage(text: #"{"seats":50}"#, isRefused: false), Damage(text: "{}", isRefused: false),
        Damage(text: #"{"seats":"50"}"#), Damage(text: #"{"seats":null}"#),
        Damage(text: #"{"seats":5.5}"#), Damage(text: #"{"seats":50"#), Damage(text: "[]"),
        Damage(text: ""),
    ])
    func aDamagedLimitIsNoLimitOfZero(_ given: Damage) {
        do throws(StorageError) {
            _ = try storedIntegers(given.text)
            #expect(!given.isRefused)
        } catch {
            #expect(given.isRefused)
            #expect(error.code == .dataFolderUnusable)
        }
    }

    @Test func aRecordThatCannotBeReadIsAnErrorOfTheDataFolder() {
        let cause = #expect(throws: PackageError.self) { try PackageName("@A/X") }
        let error = cause.map { StorageError(ofDatabase: $0) }
        #expect(error?.code == .dataFolderUnusable)
        #expect(error?.cause is PackageError)
        #expect(throws: StorageError.self) { try storedDigest(.sha512, "00") }
        #expect(throws: StorageError.self) { try storedStrings(#"["a",1]"#) }
        #expect(throws: StorageError.self) {
            let status: LicenseRecord.Status = try stored("paused")
            Issue.record("\(status)")
        }
    }

    @Test func theErrorOfAChangeIsTheCallersOwn() async throws {
        try await withRecords { records in
            try await records.licenses.add(
                license(records), keyDigest: Digest.of(.sha256, [1]), by: actor)
            await #expect(throws: UsageError.self) {
                _ = try await records.licenses.change(
                    "lic_1", as: "license.edit", by: actor, at: now
                ) { _ in throw UsageError("no") }
            }
        }
    }

    @Test func everyChangeRaisesTheSequenceAndIsAudited() async throws {
        try await withRecords { records in
            let license = try await license(records)
            try await records.licenses.add(
                license, keyDigest: Digest.of(.sha256, [1]), by: actor)
            let changed = try await records.licenses.change(
                "lic_1", as: "license.edit", by: actor, at: now
            ) { $0.terms.grants.removeAll { $0.plugin == "@acme/a" } }
            #expect(changed.sequence == 2)
            #expect(changed.terms.grants.map(\.plugin) == ["@acme/b"])
            let same = try await records.licenses.change(
                "lic_1", as: "license.edit", by: actor, at: now
            ) { _ in }
            #expect(same == changed)
            let entries = try await records.audit.entries(about: "lic_1")
            #expect(entries.map(\.action) == ["license.issue", "license.edit"])
            #expect(entries.map(\.actor) == [actor, actor])
            #expect(entries.last?.detail["sequence"] == 2)
        }
    }

    @Test func aChangeThatFailsChangesNothing() async throws {
        try await withRecords { records in
            let license = try await license(records)
            try await records.licenses.add(
                license, keyDigest: Digest.of(.sha256, [1]), by: actor)
            await #expect(throws: StorageError.self) {
                _ = try await records.licenses.change(
                    "lic_1", as: "license.edit", by: actor, at: now
                ) {
                    $0.status = .revoked
                    throw StorageError(.usage, "no")
                }
            }
            #expect(try await records.licenses.license(id: "lic_1") == license)
            let error = await #expect(throws: StorageError.self) {
                _ = try await records.licenses.change(
                    "lic_2", as: "license.edit", by: actor, at: now
                ) { _ in }
            }
            #expect(error?.code == .recordNotFound)
        }
    }

    @Test func aReleaseComesBackAsItWentIn() async throws {
        try await withRecords { records in
            let release = try Release(
                name: PackageName("@acme/x"), version: SemanticVersion("1.2.3-beta.1"),
                published: now, channel: "next", applicationRange: VersionRange("^2.0.0 || 3.x"),
                length: 10, sha512: Digest.of(.sha512, [1]), unpackedSize: 20, fileCount: 3,
                deprecated: "old",
                signatures: [RegistrySignature(keyID: "SHA256:k", signature: [1])])
            let record = ReleaseRecord(
                release: release, sha1: Digest.of(.sha1, [1]), manifest: ["name": "@acme/x"])
            try await records.releases.add(record, by: actor, at: now)
            let kept = try #require(
                try await records.releases.release(release.name, release.version))
            #expect(kept.release == release)
            #expect(kept.sha1 == record.sha1)
            #expect(kept.manifest == record.manifest)
            let again = try await records.releases.add(record, by: actor, at: now)
            #expect(again?.release == release)
            let other = ReleaseRecord(
                release: try Release(
                    name: release.name, version: release.version, published: now,
                    applicationRange: nil, length: 1, sha512: Digest.of(.sha512, [2]),
                    unpackedSize: 1, fileCount: 1),
                sha1: Digest.of(.sha1, [2]), manifest: [:])
            let error = await #expect(throws: StorageError.self) {
                try await records.releases.add(other, by: actor, at: now)
            }
            #expect(error?.code == .registryVersionExists)
            for (reason, before) in [("bug", nil), ("other", "bug")] {
                #expect(
                    try await records.releases.yank(
                        release.name, release.version, reason: reason, by: actor, at: now)
                        == before)
            }
            #expect(
                try await records.releases.releases(of: release.name).map(\.release.yanked)
                    == ["bug"])
            #expect(try await records.releases.plugins() == [release.name])
        }
    }

    @Test func releasesAreOrderedAsVersions() async throws {
        try await withRecords { records in
            for version in ["1.10.0", "1.9.0", "1.10.0-rc.1"] {
                let release = try Release(
                    name: PackageName("@acme/x"), version: SemanticVersion(version),
                    published: now, applicationRange: nil, length: 1,
                    sha512: Digest.of(.sha512, Array(version.utf8)), unpackedSize: 1,
                    fileCount: 1)
                try await records.releases.add(
                    ReleaseRecord(
                        release: release, sha1: Digest.of(.sha1, []), manifest: [:]),
                    by: actor, at: now)
            }
            let versions = try await records.releases.releases(of: PackageName("@acme/x"))
                .map(\.release.version.description)
            #expect(versions == ["1.9.0", "1.10.0-rc.1", "1.10.0"])
        }
    }

    @Test func aNewSignedFileLeavesTheOldOneToBeFound() async throws {
        try await withRecords { records in
            let files = [1, 2].map {
                SignedFileRecord(
                    path: "vendor.json", sha512: Digest.of(.sha512, [$0]), length: 1)
            }
            for file in files { try await records.signedFiles.put(file, at: now) }
            #expect(try await records.signedFiles.current() == [files[1]])
            for file in files {
                #expect(
                    try await records.signedFiles.file("vendor.json", sha512: file.sha512) == file)
            }
            try await records.signedFiles.put(files[0], at: now)
            #expect(try await records.signedFiles.current() == [files[0]])
        }
    }
}
