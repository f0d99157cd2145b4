import CanonicalJSON
import Diagnostics
import Packages
import TestSupport
import Testing

@Suite struct PackageManifestTests {
    static let whole = #"""
        {"name":"@acme/x","version":"1.2.3-beta.1","description":"X","license":"SEE LICENSE",
         "peerDependencies":{"@acme/server":"^2.0.0","react":">=18"},"engines":{"node":">=18","acme":"2.x"},
         "acme":{"title":"Audit log"},"files":["dist"]}
        """#

    @Test func readsWhatDecidesAndKeepsTheRest() throws {
        let manifest = try PackageManifest(bytes: Array(Self.whole.utf8))
        #expect(manifest.name.description == "@acme/x")
        #expect(manifest.version.description == "1.2.3-beta.1")
        #expect(manifest.description == "X")
        #expect(manifest.license == "SEE LICENSE")
        #expect(manifest.peerDependencies.map(\.name) == ["@acme/server", "react"])
        #expect(manifest.engines.map(\.range) == [">=18", "2.x"])
        #expect(manifest.raw["acme"]?["title"] == "Audit log")
        #expect(manifest.raw.names.count == 8)
    }

    struct RangeCase: Sendable {
        let members: String
        let host: String?
        let engine: String?
        let range: String?
    }

    @Test(arguments: [
        RangeCase(members: "", host: "@acme/server", engine: "acme", range: nil),
        RangeCase(
            members: #","peerDependencies":{"@acme/server":"^2.0.0"}"#, host: "@acme/server",
            engine: nil, range: "^2.0.0"),
        RangeCase(
            members: #","peerDependencies":{"@acme/server":"^2.0.0"},"engines":{"acme":"1.x"}"#,
            host: "@acme/server", engine: "acme", range: "^2.0.0"),
        RangeCase(
            members: #","peerDependencies":{"react":"18"},"engines":{"acme":"1.x","node":">=18"}"#,
            host: "@acme/server", engine: "acme", range: "1.x"),
        RangeCase(members: #","engines":{"node":">=18"}"#, host: nil, engine: nil, range: nil),
    ])
    func findsTheApplicationRange(expected: RangeCase) throws {
        let text = #"{"name":"x","version":"1.0.0"\#(expected.members)}"#
        let vendor = VendorProfile(
            name: "Acme", hostPackage: try expected.host.map { try PackageName($0) },
            engine: expected.engine)
        let manifest = try PackageManifest(bytes: Array(text.utf8))
        #expect(try manifest.applicationRange(for: vendor)?.text == expected.range)
    }

    @Test func anApplicationRangeThatIsNoneIsRefused() throws {
        let text = #"{"name":"x","version":"1.0.0","engines":{"acme":"workspace:*"}}"#
        let manifest = try PackageManifest(bytes: Array(text.utf8))
        #expect {
            try manifest.applicationRange(for: VendorProfile(name: "Acme", engine: "acme"))
        } throws: {
            ($0 as? PackageError)?.code == .registryRangeInvalid
        }
    }

    struct Bad: Sendable {
        let text: String
        let code: FailureCode
    }

    @Test(arguments: [
        Bad(text: "", code: .registryManifestInvalid),
        Bad(text: "[]", code: .registryManifestInvalid),
        Bad(text: "{}", code: .registryManifestInvalid),
        Bad(text: #"{"name":"x"}"#, code: .registryManifestInvalid),
        Bad(text: #"{"name":7,"version":"1.0.0"}"#, code: .registryManifestInvalid),
        Bad(text: #"{"name":"x","version":1}"#, code: .registryManifestInvalid),
        Bad(
            text: #"{"name":"x","version":"1.0.0","engines":["node"]}"#,
            code: .registryManifestInvalid),
        Bad(
            text: #"{"name":"x","version":"1.0.0","peerDependencies":{"y":1}}"#,
            code: .registryManifestInvalid),
        Bad(text: #"{"name":"x","name":"y","version":"1.0.0"}"#, code: .registryManifestInvalid),
        Bad(text: #"{"name":"x","version":"1.0.0"} x"#, code: .registryManifestInvalid),
        Bad(text: #"{"name":"../x","version":"1.0.0"}"#, code: .registryNameInvalid),
        Bad(text: #"{"name":"x","version":"1.0"}"#, code: .registryVersionInvalid),
        Bad(text: #"{"name":"x","version":"v1.0.0"}"#, code: .registryVersionInvalid),
        Bad(text: #"{"name":"x","version":" 1.0.0"}"#, code: .registryVersionInvalid),
    ])
    func refuses(bad: Bad) {
        #expect {
            try PackageManifest(bytes: Array(bad.text.utf8))
        } throws: {
            ($0 as? PackageError)?.code == bad.code
        }
    }

    @Test func readsAnOldLicenseObject() throws {
        let text = #"{"name":"x","version":"1.0.0","license":{"type":"MIT","url":"u"}}"#
        #expect(try PackageManifest(bytes: Array(text.utf8)).license == "MIT")
    }

    @Test func damageIsReadOrRefused() {
        var generator = SeededGenerator(seed: 0x5E_0030)
        for _ in 0..<5_000 {
            let bytes = mutated(Array(Self.whole.utf8), using: &generator)
            do throws(PackageError) {
                _ = try PackageManifest(bytes: bytes)
            } catch {
                #expect(error.code.name.hasPrefix("registry."))
            }
        }
    }
}
