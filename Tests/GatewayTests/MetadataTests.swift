import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import HTTPTransfer
import Packages
import SignedMetadata
import Storage
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Gateway

private final class MemoryStore: MetadataStore {
    private let files = Mutex<[String: [UInt8]]>([:])

    func load(_ role: String) -> [UInt8]? { files.withLock { $0[role] } }
    func save(_ role: String, _ bytes: [UInt8]) { files.withLock { $0[role] = bytes } }
    func remove(_ role: String) { files.withLock { $0[role] = nil } }
}

private struct GatewayTransport: MetadataTransport {
    let gateway: TestGateway

    func fetch(_ file: String, maximumLength: Int) async throws -> [UInt8]? {
        let response = try await gateway.send("GET", "/metadata/\(file)")
        return response.status == 404 ? nil : response.body
    }
}

struct MetadataTests {
    @Test func ourClientFollowsWhatIsServed() async throws {
        try await TestGateway.run { gateway in
            let root = try #require(
                try readFile(gateway.vendor.folder.metadata.appending("1.root.json")))
            let first = try await gateway.test.publish("@acme/x", "1.0.0")
            let client = try MetadataClient(
                trustedRoot: root, store: MemoryStore(),
                transport: GatewayTransport(gateway: gateway), now: gateway.test.clock.now)
            try await client.refresh()
            let target = try #require(try await client.target(first.targetPath))
            let release = try Release(
                targetPath: target.path, length: target.length,
                sha512: try #require(target.sha512), custom: try #require(target.custom))
            #expect(release == first)
            let file = try #require(try await client.target("vendor.json"))
            let vendorFile = try await gateway.send(
                "GET", "/targets/" + (await client.downloadPath(of: file)))
            try file.check(vendorFile.body)

            let second = try await gateway.test.publish("@acme/x", "1.1.0")
            try await client.refresh()
            #expect(try await client.target(second.targetPath)?.sha512 == second.sha512)
        }
    }

    struct CacheCase {
        let file: String
        let control: String
    }

    @Test(arguments: [
        CacheCase(file: "timestamp.json", control: "public, max-age=30, must-revalidate"),
        CacheCase(file: "root.json", control: "public, max-age=30, must-revalidate"),
        CacheCase(file: "1.root.json", control: "public, max-age=31536000, immutable"),
        CacheCase(file: "1.snapshot.json", control: "public, max-age=31536000, immutable"),
    ])
    func filesAreCachedForAsLongAsTheyHold(_ given: CacheCase) async throws {
        try await TestGateway.run { gateway in
            let response = try await gateway.send("GET", "/metadata/\(given.file)")
            #expect(response.header("Cache-Control") == given.control)
            let tag = try #require(response.header("ETag"))
            let again = try await gateway.send(
                "GET", "/metadata/\(given.file)", headers: [("If-None-Match", tag)])
            #expect(again.status == 304)
        }
    }

    @Test func filesAreCompressedForWhoTakesIt() async throws {
        try await TestGateway.run { gateway in
            func ask(_ headers: String) async throws -> RawAnswer {
                try #require(
                    try await gateway.raw(
                        "GET /metadata/1.root.json HTTP/1.1\r\nHost: x\r\n\(headers)\r\n"))
            }
            let bytes = try #require(
                try readFile(gateway.vendor.folder.metadata.appending("1.root.json")))
            let plain = try await ask("")
            #expect(plain.body == bytes)
            #expect(plain.headers["content-encoding"] == nil)
            let compressed = try await ask("Accept-Encoding: br, gzip\r\n")
            #expect(compressed.headers["content-encoding"] == "gzip")
            #expect(compressed.body.starts(with: [0x1f, 0x8b]))
            #expect(compressed.body.count < bytes.count)
            #expect(
                try await Python.run(
                    "import gzip,sys; sys.stdout.write(gzip.decompress(bytes.fromhex(input())).decode())",
                    input: compressed.body.map {
                        String($0 >> 4, radix: 16) + String($0 & 15, radix: 16)
                    }
                    .joined()) == String(decoding: bytes, as: UTF8.self))
            for answer in [plain, compressed] {
                #expect(answer.headers["vary"] == "Accept-Encoding")
            }
            let tags = try [plain, compressed].map { try #require($0.headers["etag"]) }
            #expect(tags[0] != tags[1])
            let known = "If-None-Match: \(tags[1])\r\n"
            #expect(try await ask(known).status == 200)
            #expect(try await ask("Accept-Encoding: gzip\r\n\(known)").status == 304)
        }
    }

    @Test func whatIsSignedAnewIsServedAtOnce() async throws {
        try await TestGateway.run { gateway in
            let path = gateway.vendor.folder.metadata.appending("timestamp.json")
            for version in ["1.0.0", "1.0.1", "1.0.2"] {
                try await gateway.test.publish("@acme/x", version)
                let bytes = try #require(try readFile(path))
                #expect(try await gateway.send("GET", "/metadata/timestamp.json").body == bytes)
                #expect(try await gateway.send("GET", "/metadata/timestamp.json").body == bytes)
            }
        }
    }

    @Test(
        .enabled("the PyPI package tuf is not installed") {
            await Python.canImport("tuf.ngclient")
        })
    func pythonTUFDownloadsFromTheRunningGateway() async throws {
        try await TestGateway.run { gateway in
            let release = try await gateway.test.publish("@acme/x", "1.0.0")
            try await gateway.test.publish("@acme/other", "1.0.0")
            let (_, key) = try await gateway.test.issue(["@acme/x"])
            let token = try await TestInstance(gateway).register(key).token
            let root = gateway.vendor.folder.metadata.appending("1.root.json").string
            let words = [
                gateway.base, root, token.reveal(), "keys/license.json", "vendor.json",
                release.targetPath,
            ]
            let output = try await Python.run(Self.script, input: words.joined(separator: "\n"))
            let expected = [
                Digest.of(.sha512, try await gateway.vendor.signedFile("keys/license.json")),
                Digest.of(.sha512, try await gateway.vendor.signedFile("vendor.json")),
                release.sha512,
            ]
            #expect(output == expected.map { "\($0.hex)\n" }.joined())
        }
    }

    /// Refreshes and downloads with the reference implementation; prints each file's SHA-512.
    private static let script = """
        import hashlib, os, sys, tempfile, urllib.error, urllib.request
        from tuf.api.exceptions import DownloadHTTPError
        from tuf.ngclient import Updater
        from tuf.ngclient.fetcher import FetcherInterface

        base, root, token, *names = sys.stdin.read().split("\\n")

        class Fetcher(FetcherInterface):
            def _fetch(self, url):
                request = urllib.request.Request(url)
                if url.endswith(".tgz"):
                    request.add_header("Authorization", "Bearer " + token)
                try:
                    with urllib.request.urlopen(request) as response:
                        yield response.read()
                except urllib.error.HTTPError as error:
                    raise DownloadHTTPError(str(error), error.code) from error

        with tempfile.TemporaryDirectory() as work:
            for name in ("metadata", "targets"):
                os.mkdir(f"{work}/{name}")
            updater = Updater(
                metadata_dir=f"{work}/metadata", metadata_base_url=f"{base}/metadata/",
                target_dir=f"{work}/targets", target_base_url=f"{base}/targets/",
                fetcher=Fetcher(), bootstrap=open(root, "rb").read())
            updater.refresh()
            for name in names:
                path = updater.download_target(updater.get_targetinfo(name))
                print(hashlib.sha512(open(path, "rb").read()).hexdigest())
        """
}
