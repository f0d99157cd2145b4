import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import Packages
import TestSupport
import Testing

@Suite struct ReleaseTests {
    @Test func pathIsThatOfNpm() throws {
        #expect(
            try Sample.release("1.0.0-beta.1").targetPath
                == "@acme/plugin-audit-log/-/plugin-audit-log-1.0.0-beta.1.tgz")
        #expect(try Sample.release("1.0.0", name: "x").targetPath == "x/-/x-1.0.0.tgz")
    }

    @Test func isReadAsItIsWritten() throws {
        let signature = RegistrySignature(keyID: "SHA256:x", signature: [1, 2, 3])
        for release in [
            try Sample.release("1.0.0"),
            try Sample.release(
                "1.0.0-beta.1", for: "^2.0.0 || 3.x", on: Sample.day(7, 4) + 0.75, channel: "next",
                deprecated: "use 1.0.0", yanked: "leaks", signatures: [signature, signature]),
        ] {
            #expect(try read(release) == release)
            // Through canonical JSON, as the signed metadata carries it.
            let parsed = try parseJSON(release.custom.canonicalBytes())
            #expect(try read(release, custom: parsed) == release)
        }
    }

    @Test func customHasTheMembersOfTheDesign() throws {
        let release = try Sample.release("1.0.0", for: "^2.0.0", yanked: "leaks")
        #expect(
            release.custom.object?.names == [
                "name", "version", "published", "channel", "application_range", "unpacked_size",
                "file_count", "yanked", "signatures",
            ])
        #expect(release.custom["published"] == "2026-01-01T00:00:00Z")
    }

    @Test func unknownMembersAreIgnored() throws {
        let release = try Sample.release("1.0.0")
        var custom = try #require(release.custom.object)
        custom["later"] = ["x": 1]
        #expect(try read(release, custom: .object(custom)) == release)
    }

    @Test func everyNeededMemberIsNeeded() throws {
        let release = try Sample.release("1.0.0")
        for member in [
            "name", "version", "published", "channel", "unpacked_size", "file_count",
        ] {
            var custom = try #require(release.custom.object)
            for wrong: JSONValue? in [nil, .null, [], ["x": 1], .bool(true)] {
                custom[member] = wrong
                expectRefusal { try read(release, custom: .object(custom)) }
            }
        }
    }

    @Test(
        arguments: [
            ("published", "2026-01-01"), ("published", "2026-01-01T00:00:00"),
            ("published", "2026-01-01T00:00:00Zx"), ("published", "2026-13-01T00:00:00Z"),
            ("published", "2026-01-01T00:00:00+01:00"), ("unpacked_size", -1), ("file_count", -1),
            ("application_range", "latest"), ("version", "1.0"), ("name", "../x"), ("channel", ""),
            ("signatures", [["keyid": "x", "sig": "not base64"]]), ("yanked", 1),
            ("deprecated", [:]),
        ] as [(String, JSONValue)])
    func refusesWrongMembers(member: String, value: JSONValue) throws {
        let release = try Sample.release("1.0.0")
        var custom = try #require(release.custom.object)
        custom[member] = value
        expectRefusal { try read(release, custom: .object(custom)) }
    }

    @Test(arguments: [
        "@acme/plugin-audit-log/-/plugin-audit-log-1.0.1.tgz", "@acme/other/-/other-1.0.0.tgz",
        "@acme/plugin-audit-log/-/plugin-audit-log-1.0.0.tar", "",
        "/@acme/plugin-audit-log/-/plugin-audit-log-1.0.0.tgz",
    ])
    func refusesAPathOfAnother(path: String) throws {
        let release = try Sample.release("1.0.0")
        expectRefusal {
            try Release(
                targetPath: path, length: release.length, sha512: release.sha512,
                custom: release.custom)
        }
    }

    @Test func refusesAnotherDigestAndANegativeLength() throws {
        let release = try Sample.release("1.0.0")
        expectRefusal {
            try Release(
                targetPath: release.targetPath, length: 1, sha512: .of(.sha256, []),
                custom: release.custom)
        }
        expectRefusal {
            try Release(
                targetPath: release.targetPath, length: -1, sha512: release.sha512,
                custom: release.custom)
        }
    }

    @Test func damageIsReadOrRefused() throws {
        let release = try Sample.release("1.0.0", for: "^2.0.0")
        let bytes = release.custom.compactBytes
        var generator = SeededGenerator(seed: 0x5E_0040)
        for _ in 0..<5_000 {
            guard let custom = try? parseJSON(mutated(bytes, using: &generator)) else { continue }
            do throws(PackageError) {
                _ = try Release(
                    targetPath: release.targetPath, length: 1, sha512: release.sha512,
                    custom: custom)
            } catch {
                #expect(error.code == .registryReleaseInvalid)
            }
        }
    }

    private func read(_ release: Release, custom: JSONValue? = nil) throws -> Release {
        try Release(
            targetPath: release.targetPath, length: release.length, sha512: release.sha512,
            custom: custom ?? release.custom)
    }

    private func expectRefusal(_ read: () throws -> Release) {
        #expect {
            try read()
        } throws: {
            ($0 as? PackageError)?.code == .registryReleaseInvalid
        }
    }
}
