import CanonicalJSON
import Cryptography
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

@testable import SignedMetadata

/// The reference implementation, where this machine has it (PyPI package `tuf`).
@Suite(
    .enabled("needs python3 with tuf and cryptography (scripts/test-requirements.txt)") {
        await Python.canImport("tuf.ngclient", "cryptography")
    })
struct PythonTUFTests {
    private struct FolderTransport: MetadataTransport {
        let folder: FilePath

        func fetch(_ file: String, maximumLength: Int) async throws -> [UInt8]? {
            FileManager.default.contents(atPath: folder.appending(file).string).map(Array.init)
        }
    }

    private func script(_ name: String) -> FilePath {
        FilePath(#filePath).removingLastComponent().removingLastComponent()
            .removingLastComponent()
            .appending("fixtures/vectors/metadata").appending(name)
    }

    private func write(_ bytes: [UInt8], to path: FilePath) throws {
        try FileManager.default.createDirectory(
            atPath: path.removingLastComponent().string, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(filePath: path.string))
    }

    /// After publishing, and after rotating every key.
    @Test func pythonReadsWhatWeWrite() async throws {
        try await withTemporaryFolder { folder in
            var vendor = try SignedRepositoryTests.Vendor()
            vendor.repository = try SignedRepository(reading: vendor.read)
            let time = Date()
            var expected = "vendor.json 2 -\n"
            var names = ["vendor.json"]
            for plugin in ["@acme/audit-log", "@acme/charts_2"] {
                let path = "\(plugin)/-/\(plugin.split(separator: "/")[1])-1.0.0.tgz"
                let content = Array("the bytes of \(plugin)".utf8)
                let target = TargetDescription(
                    path: path, of: content, custom: ["name": .string(plugin), "é\n": [nil, -1]])
                try vendor.publish([.setRelease(plugin: plugin, target)], at: time)
                try write(content, to: folder.appending("targets/\(target.consistentPath)"))
                names.append(path)
                expected += "\(path) \(content.count) \(plugin)\n"
            }
            let vendorJSON = TargetDescription(path: "vendor.json", of: Array("{}".utf8))
            try write(
                Array("{}".utf8), to: folder.appending("targets/\(vendorJSON.consistentPath)"))
            for rotations in 0...1 {
                if rotations == 1 {
                    let keys = try TopLevelRole.allCases.map {
                        ($0, try PrivateKey.generate(.ed25519))
                    }
                    var roles = TopLevelKeys(of: vendor.repository.root)
                    for (role, key) in keys { try roles.set(role, [key.publicKey]) }
                    vendor.allKeys += keys.map(\.1)
                    vendor.write(
                        try vendor.repository.rotatingRoot(
                            to: roles, keys: vendor.signing, now: time, reading: vendor.read))
                } else {
                    vendor.write(
                        try vendor.repository.renewingTimestamp(keys: vendor.signing, now: time))
                }
                for (name, bytes) in vendor.folder {
                    try write(bytes, to: folder.appending("metadata/\(name)"))
                }
                let printed = try await Python.run(
                    file: script("read_with_python_tuf.py"),
                    [folder.string, folder.appending("metadata/1.root.json").string]
                        + names + ["@acme/nothing/-/nothing-1.0.0.tgz"])
                #expect(printed == expected + "@acme/nothing/-/nothing-1.0.0.tgz none\n")
            }
        }
    }

    @Test func weReadWhatPythonWrites() async throws {
        try await withTemporaryFolder { folder in
            _ = try await Python.run(file: script("write_with_python_tuf.py"), [folder.string])
            let transport = FolderTransport(folder: folder)
            let root = try #require(
                try await transport.fetch("1.root.json", maximumLength: 1_000_000))
            let store = MemoryStore()
            let client = try MetadataClient(
                trustedRoot: root, store: store, transport: transport, now: Date())
            try await client.refresh()
            #expect(await client.trusted.root.version == 2)
            for (path, content) in [
                ("top.txt", "top"), ("@acme/a/-/a-1.0.0.tgz", "a"), ("hashed.txt", "hashed"),
                ("bins/0", "bins/0"), ("bins/19", "bins/19"),
            ] {
                let target = try #require(try await client.target(path))
                try target.check(Array(content.utf8))
                #expect(target.custom?["name"]?.string == path)
                #expect(target.hashes.count == 2)
            }
            #expect(try await client.target("bins/20") == nil)
            #expect(try await client.targets(under: "bins/").count == 20)
            #expect(try await client.targets(under: "@acme/a/-/").count == 1)
            #expect(try await client.targets(under: "").count == 23)
            #expect(store.load("plugin a/é?") != nil)
        }
    }
}
