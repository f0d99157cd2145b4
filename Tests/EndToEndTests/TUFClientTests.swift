import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// The conformance suite's command line against a running gateway.
@Suite struct TUFClientTests {
    @Test func followsTheGatewaysMetadataAndDownloadsItsPublicTargets() async throws {
        try await withTemporaryFolder { folder in
            try await TestGateway.serving(in: folder) { gateway in
                try await gateway.publish("@acme/a", "1.0.0")
                let metadata = folder.appending("trusted")
                let targets = folder.appending("targets")
                for path in [metadata, targets] {
                    try FileManager.default.createDirectory(
                        atPath: path.string, withIntermediateDirectories: true)
                }
                let root = gateway.data.appending("metadata").appending("1.root.json")
                let base = ["--metadata-dir", metadata.string]
                let online = base + ["--metadata-url", "\(gateway.url)/metadata"]
                #expect(try await tufClient(base + ["init", root.string]) == 0)
                #expect(try await tufClient(online + ["refresh"]) == 0)
                #expect(
                    try FileManager.default.contentsOfDirectory(atPath: metadata.string)
                        .contains("timestamp.json"))

                let download =
                    ["--target-base-url", "\(gateway.url)/targets"]
                    + ["--target-dir", targets.string, "download"]
                #expect(
                    try await tufClient(online + ["--target-name", "vendor.json"] + download) == 0)
                let names = try FileManager.default.contentsOfDirectory(atPath: targets.string)
                #expect(names == ["vendor.json"])

                // A tarball asks for a license, which this client does not have.
                let tarball = ["--target-name", "@acme/a/-/a-1.0.0.tgz"]
                #expect(try await tufClient(online + tarball + download) == 1)
                #expect(try await tufClient(online + ["--target-name", "none"] + download) == 1)
            }
        }
    }

    private func tufClient(_ arguments: [String]) async throws -> Int32 {
        try await run(Programs.folder.appending("tuf-client"), arguments).status
    }
}
