import Cryptography
import Diagnostics
import FoundationEssentials
import Glibc
import Licensing
import Packages
import SignedMetadata
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import Gateway

struct SetupTests {
    private func setup(_ folder: DataFolder) throws -> Setup {
        Setup(
            folder, profile: TestVendor.profile,
            settings: try VendorSettings(url: "http://localhost"), now: Date())
    }

    @Test func makesAFolderThatVerifies() async throws {
        try await withTemporaryFolder { folder in
            let data = DataFolder(folder.appending("new/data"))
            let result = try await setup(data).made(by: Actor("test"))
            let vendor = try Vendor(
                opening: data, settings: try VendorSettings(url: "http://localhost"))
            defer { try? vendor.records.close() }
            let repository = try vendor.signedRepository()
            #expect(
                repository.targets.targets.keys.sorted()
                    == [
                        "keys/bundle.json", "keys/license.json", "keys/registry.json",
                        "vendor.json",
                    ])
            #expect(try await vendor.profile() == TestVendor.profile)
            let keys = try LicenseKeySet(jwks: try await vendor.signedFile("keys/license.json"))
            #expect(keys.keyIDs == (try vendor.keys.licenseKeySet().keyIDs))
            let root = try #require(try readFile(result.rootFile))
            #expect(Digest.of(.sha256, root) == result.rootFingerprint)
            #expect(result.adminToken.reveal().hasPrefix("tga_"))
            for name in try namesInFolder(data.keys) {
                var status = stat()
                #expect(stat(data.keys.appending(name).string, &status) == 0)
                #expect(status.st_mode & 0o777 == 0o600, "\(name)")
            }
        }
    }

    @Test func refusesAFolderWithAnythingInIt() async throws {
        try await withTemporaryFolder { folder in
            try replaceFile(
                folder.appending("precious"), with: [1], permissions: [.ownerReadWrite])
            let error = await #expect(throws: StorageError.self) {
                try await setup(DataFolder(folder)).made(by: Actor("test"))
            }
            #expect(error?.code == .dataFolderNotEmpty)
            #expect(try namesInFolder(folder) == ["precious"])
        }
    }

    @Test func refusesAFileInPlaceOfAFolder() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending("file")
            try replaceFile(path, with: [1], permissions: [.ownerReadWrite])
            let error = await #expect(throws: StorageError.self) {
                try await setup(DataFolder(path)).made(by: Actor("test"))
            }
            #expect(error?.code == .diskUnexpectedFile)
            #expect(try readFile(path) == [1])
        }
    }

    /// A kill between telling and the end must not leave a gateway whose token nobody has.
    @Test func tellsTheTokenBeforeItIsFinished() async throws {
        try await withTemporaryFolder { folder in
            let data = DataFolder(folder.appending("data"))
            var tokens: [Secret<String>] = []
            await #expect(throws: TestFailure.self) {
                try await setup(data).run(by: Actor("test")) { result in
                    tokens.append(result.adminToken)
                    throw TestFailure("killed")
                }
            }
            #expect(throws: StorageError.self) { try data.checkComplete() }
            tokens.append(try await setup(data).made(by: Actor("test")).adminToken)
            try data.checkComplete()
            #expect(Set(tokens).count == 2)
        }
    }

    @Test func beginsAnewAfterARunThatWasStopped() async throws {
        try await withTemporaryFolder { folder in
            let data = DataFolder(folder.appending("data"))
            _ = try await setup(data).made(by: Actor("test"))
            let keys = try readFile(data.keys.appending("root.pem"))
            try replaceFile(data.unfinishedMark, with: [], permissions: [.ownerReadWrite])
            let error = #expect(throws: StorageError.self) {
                try Vendor(opening: data, settings: VendorSettings(url: "http://localhost"))
            }
            #expect(error?.code == .dataFolderUnusable)
            _ = try await setup(data).made(by: Actor("test"))
            #expect(try readFile(data.keys.appending("root.pem")) != keys)
            #expect(!exists(data.unfinishedMark))
            try Vendor(opening: data, settings: VendorSettings(url: "http://localhost")).records
                .close()
        }
    }

    @Test(arguments: [
        "", "plugins.acme.example", "ftp://acme.example", "https://", "https:///x",
        "https://me:secret@acme.example", "https://acme.example?x", "https://acme.example#x",
        "https://acme.example/a b", "https://acme.example\"", "https://acme.example\nport: 1",
        "https://acme.example:0", "https://acme.example:65536", "https://acme.example:x",
        "https://:80", "https://a:b:80",
    ])
    func refusesWhatIsNoAddress(_ url: String) {
        #expect(throws: UsageError.self) { try VendorSettings(url: url) }
    }

    @Test(arguments: [
        "https://plugins.acme.example", "http://127.0.0.1:8080", "http://[::1]:8080",
        "http://[::1]", "https://acme.example/plugins",
    ])
    func takesAnAddressWithoutItsLastSlash(_ url: String) throws {
        #expect(try VendorSettings(url: url).url == url)
        #expect(try VendorSettings(url: url + "/").url == url)
    }
}
