import CanonicalJSON
import Cryptography
import Diagnostics
import Packages
import Testing

@Suite struct PackumentTests {
    @Test func hasWhatNpmReads() throws {
        let signature = RegistrySignature(keyID: "SHA256:x", signature: [1, 2, 3])
        let packument = Packument(
            name: try PackageName(Sample.name),
            entries: [
                try entry(Sample.release("1.10.0", on: Sample.day(3, 1), signatures: [signature])),
                try entry(Sample.release("1.9.0", on: Sample.day(2, 1), deprecated: "old")),
                try entry(Sample.release("2.0.0-beta.1", on: Sample.day(4, 1), channel: "next")),
            ])
        let json = JSONReader(packument.json(baseURL: "https://plugins.acme.example"))
        #expect(try json["_id"].string() == Sample.name)
        #expect(try json["name"].string() == Sample.name)
        #expect(try json["description"].string() == "Audit 1.10.0")
        #expect(json.value["dist-tags"] == ["latest": "1.10.0", "next": "2.0.0-beta.1"])
        #expect(json.value["versions"]?.object?.names == ["1.9.0", "1.10.0", "2.0.0-beta.1"])
        #expect(
            json.value["time"] == [
                "created": "2026-02-01T00:00:00Z", "modified": "2026-04-01T00:00:00Z",
                "1.9.0": "2026-02-01T00:00:00Z", "1.10.0": "2026-03-01T00:00:00Z",
                "2.0.0-beta.1": "2026-04-01T00:00:00Z",
            ])

        let version = try json["versions"]["1.10.0"]
        #expect(try version["_id"].string() == "\(Sample.name)@1.10.0")
        #expect(try version["peerDependencies"]["@acme/server"].string() == "^2.0.0")
        #expect(try version.optional("deprecated") == nil)
        #expect(try json["versions"]["1.9.0"]["deprecated"].string() == "old")
        #expect(
            try version["dist"].value == [
                "tarball":
                    "https://plugins.acme.example/@acme/plugin-audit-log/-/plugin-audit-log-1.10.0.tgz",
                "integrity": .string("\(Integrity(Digest.of(.sha512, Array("1.10.0".utf8))))"),
                "shasum": .string(Digest.of(.sha1, Array("1.10.0".utf8)).hex),
                "unpackedSize": 5_678, "fileCount": 9,
                "signatures": [["keyid": "SHA256:x", "sig": "AQID"]],
            ])
    }

    @Test func whatThePackageSaysOfItsDistNeverCounts() throws {
        let packument = Packument(
            name: try PackageName(Sample.name),
            entries: [
                try entry(
                    Sample.release("1.0.0"),
                    extra: #","dist":{"tarball":"https://evil.example"},"deprecated":"x","_id":"y""#
                )
            ])
        let version = try JSONReader(packument.json(baseURL: "https://a.example"))["versions"][
            "1.0.0"]
        #expect(try version["dist"]["tarball"].string().hasPrefix("https://a.example/"))
        #expect(try version.optional("deprecated") == nil)
        #expect(try version["_id"].string() == "\(Sample.name)@1.0.0")
    }

    @Test func withdrawnReleasesAreNotThere() throws {
        let packument = Packument(
            name: try PackageName(Sample.name),
            entries: [
                try entry(Sample.release("1.0.0")),
                try entry(Sample.release("1.1.0", yanked: "bad")),
            ])
        #expect(packument.entries.map(\.release.version.description) == ["1.0.0"])
        #expect(tags(packument) == ["latest=1.0.0"])
    }

    @Test func tagsPointToTheNewestOfTheirChannel() throws {
        let packument = Packument(
            name: try PackageName(Sample.name),
            entries: [
                try entry(Sample.release("2.0.0-beta.1", channel: "next")),
                try entry(Sample.release("1.1.0")), try entry(Sample.release("1.0.0")),
                try entry(Sample.release("1.0.0-alpha.1", channel: "alpha")),
            ])
        #expect(tags(packument) == ["latest=1.1.0", "alpha=1.0.0-alpha.1", "next=2.0.0-beta.1"])
    }

    @Test func latestIsAPrereleaseWhenThereIsNothingElse() throws {
        let packument = Packument(
            name: try PackageName(Sample.name),
            entries: [try entry(Sample.release("2.0.0-beta.1", channel: "next"))])
        #expect(tags(packument) == ["latest=2.0.0-beta.1", "next=2.0.0-beta.1"])
    }

    @Test func withoutReleasesItIsEmpty() throws {
        let json = Packument(name: try PackageName(Sample.name), entries: [])
            .json(baseURL: "https://a.example")
        #expect(json["dist-tags"] == [:] && json["versions"] == [:] && json["time"] == [:])
    }

    @Test func aManifestOfAnotherIsRefused() throws {
        let manifest = try PackageManifest(bytes: Array(#"{"name":"x","version":"1.0.0"}"#.utf8))
        #expect {
            try Packument.Entry(
                release: Sample.release("1.0.0"), manifest: manifest, shasum: .of(.sha1, []))
        } throws: {
            ($0 as? PackageError)?.code == .registryReleaseInvalid
        }
    }

    private func entry(_ release: Release, extra: String = "") throws -> Packument.Entry {
        let text = #"""
            {"name":"\#(release.name)","version":"\#(release.version)",
             "description":"Audit \#(release.version)","peerDependencies":{"@acme/server":"^2.0.0"}
             \#(extra)}
            """#
        return try Packument.Entry(
            release: release, manifest: PackageManifest(bytes: Array(text.utf8)),
            shasum: .of(.sha1, Array(release.version.description.utf8)))
    }

    private func tags(_ packument: Packument) -> [String] {
        packument.distTags.map { "\($0.tag)=\($0.version)" }
    }
}
