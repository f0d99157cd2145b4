import Cryptography
import FoundationEssentials
import Glibc
import HTTPTransfer
import Storage
import SystemPackage
import Testing

@testable import Gateway

/// How files are served.
struct FileAnswerTests {
    private static let large = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }

    @Test func aLargeFileArrivesWhole() async throws {
        try await TestGateway.run { gateway in
            let path = try await gateway.keep(Self.large)
            let response = try await gateway.send(
                "GET", path, headers: [("X-Request-ID", "whole-file-1")])
            #expect(response.body == Self.large)
            #expect(response.header("Content-Length") == "\(Self.large.count)")
            let line = await gateway.logs.line(with: "whole-file-1")
            #expect(line.contains("\"bytes\":\"\(Self.large.count)\""))
        }
    }

    struct Part {
        let range: String
        var ifRange: String?
        let status: Int
        var bytes: Range<Int>?
    }

    @Test(arguments: [
        Part(range: "bytes=0-0", status: 206, bytes: 0..<1),
        Part(range: "bytes=1000000-", status: 206, bytes: 1_000_000..<3_000_000),
        Part(range: "bytes=-300000", status: 206, bytes: 2_700_000..<3_000_000),
        Part(range: "bytes=3000000-", status: 416),
        Part(range: "bytes=0-9", ifRange: "\"other\"", status: 200, bytes: 0..<3_000_000),
        Part(range: "bytes=0-9", ifRange: "TAG", status: 206, bytes: 0..<10),
    ])
    func partsOfAFileArrive(_ given: Part) async throws {
        try await TestGateway.run { gateway in
            let path = try await gateway.keep(Self.large)
            let tag = try #require(try await gateway.send("HEAD", path).header("ETag"))
            var headers = [("Range", given.range)]
            if let ifRange = given.ifRange {
                headers.append(("If-Range", ifRange == "TAG" ? tag : ifRange))
            }
            let response = try await gateway.send("GET", path, headers: headers)
            #expect(response.status == given.status)
            if let bytes = given.bytes { #expect(response.body == Array(Self.large[bytes])) }
        }
    }

    @Test(arguments: ["bytes=0-9", "bytes=-1", "bytes=3000000-"])
    func headHasNoRange(_ range: String) async throws {
        try await TestGateway.run { gateway in
            let path = try await gateway.keep(Self.large)
            let answer = try await gateway.send("HEAD", path, headers: [("Range", range)])
            #expect(answer.status == 200)
            #expect(answer.header("Content-Length") == "\(Self.large.count)")
            #expect(answer.header("Content-Range") == nil)
        }
    }

    @Test func headAndNotModifiedHaveNoBody() async throws {
        try await TestGateway.run { gateway in
            let path = try await gateway.keep(Self.large)
            let answers = try await gateway.raw { connection in
                connection.send("HEAD \(path) HTTP/1.1\r\nHost: x\r\n\r\n")
                let head = connection.answer(hasBody: false)
                let tag = head?.headers["etag"] ?? ""
                connection.send(
                    "GET \(path) HTTP/1.1\r\nHost: x\r\nIf-None-Match: \(tag)\r\n\r\n")
                let notModified = connection.answer()
                connection.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                return (head, notModified, connection.answer())
            }
            #expect(answers.0?.headers["content-length"] == "\(Self.large.count)")
            #expect(answers.1?.status == 304)
            #expect(answers.1?.headers["content-length"] == nil)
            #expect(answers.2?.status == 200)
        }
    }

    @Test func brokenDownloadsLeaveNoDescriptors() async throws {
        try await TestGateway.run { gateway in
            let path = try await gateway.keep([UInt8](repeating: 0x20, count: 16 << 20))
            let file = gateway.vendor.artifacts.root.string
            for round in 0..<20 {
                let first = try await gateway.raw { connection in
                    connection.send(
                        "GET \(path) HTTP/1.1\r\nHost: x\r\nX-Request-ID: broken-\(round)-\r\n\r\n")
                    return connection.receive(1)
                }
                #expect(first?.count == 1)
            }
            for round in 0..<20 { _ = await gateway.logs.line(with: "broken-\(round)-") }
            // One, for those who ask again.
            #expect(try openFiles(below: file).count <= 1)
        }
    }

    @Test func openFilesAreFewAndTheirOwn() async throws {
        try await TestGateway.run { gateway in
            let open = OpenFiles(gateway.vendor.artifacts)
            let folder = gateway.vendor.artifacts.root.string
            for number in 0..<100 {
                let bytes = Array("file \(number)".utf8)
                let sha512 = try await onBlockingThread { [vendor = gateway.vendor] in
                    try vendor.artifacts.keep(bytes)
                }
                let file = try await open.file(sha512)
                #expect(file.length == bytes.count)
                #expect(try await open.file(sha512) === file)
            }
            #expect(try openFiles(below: folder).count <= 64)
            let missing = Digest.of(.sha512, Array("nothing".utf8))
            await #expect(throws: StorageError.self) { try await open.file(missing) }
        }
    }

    @Test func theProxyInFrontSendsTheFile() async throws {
        let settings = ["x-accel-redirect": "/-/artifacts"]
        try await TestGateway.run(access: .behindProxy, settings: settings) { gateway in
            let bytes = Array("{\"a\":1}".utf8)
            let path = try await gateway.keep(bytes, as: "small.json")
            let hex = Digest.of(.sha512, bytes).hex
            let response = try await gateway.send("GET", path)
            let location = try #require(response.header("X-Accel-Redirect"))
            #expect(location.hasPrefix("/-/artifacts/sha512/"))
            let file = gateway.vendor.artifacts.root
                .appending(String(location.dropFirst("/-/artifacts/".count)))
            #expect(try readFile(file) == bytes)
            #expect(response.status == 200)
            #expect(response.body.isEmpty)
            #expect(response.header("ETag") == "\"\(hex)\"")
            #expect(response.header("Content-Type") == "application/json")
            #expect(response.header("Cache-Control")?.contains("immutable") == true)
            let head = try await gateway.send("HEAD", path)
            #expect(head.header("X-Accel-Redirect") == nil)
            #expect(head.header("Content-Length") == "\(bytes.count)")
            try await gateway.test.publish("@acme/x", "1.0.0")
            let refused = try await gateway.send("GET", RegistryTests.tarball)
            #expect(refused.status == 404)
            #expect(refused.header("X-Accel-Redirect") == nil)
        }
    }
}

/// The open files of this process whose paths begin so.
private func openFiles(below path: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { name in
        try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)")
    }.filter { $0.hasPrefix(path) }
}
