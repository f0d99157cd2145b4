import CanonicalJSON
import Cryptography
import Diagnostics
import TestSupport
import Testing

@testable import Gateway

/// npm's publish document, cut at every place and damaged in every way.
struct PublishDocumentReaderTests {
    private static let tarball = Array("a tarball of some bytes".utf8)
    private static let document = """
        {"_id":"@acme/x","name":"@acme/x","versions":{"1.0.0":{"data":"mine","a":[{"data":1}]}},
        "_attachments":{"@acme/x-1.0.0.tgz":{"content_type":"application/octet-stream",
        "data":"\(Base64.encode(tarball))","length":23}},"readme":"say \\"data\\": \\\\"}
        """

    private func read(
        _ pieces: [ArraySlice<UInt8>]
    ) throws -> (json: JSONValue, attachment: [UInt8], count: Int) {
        var reader = PublishDocumentReader()
        var attachment: [UInt8] = []
        for piece in pieces {
            try Array(piece).withUnsafeBytes { bytes in
                try reader.read(bytes) { attachment += $0 }
            }
        }
        let count = reader.attachmentCount
        return (try reader.finish(), attachment, count)
    }

    @Test func theAttachmentComesOutWhereverTheDocumentIsCut() throws {
        let bytes = Array(Self.document.utf8)
        for cut in bytes.indices {
            let (json, attachment, count) = try read([bytes[..<cut], bytes[cut...]])
            #expect(attachment == Self.tarball)
            #expect(count == 1)
            #expect(json["_attachments"]?["@acme/x-1.0.0.tgz"]?["data"] == "")
            #expect(json["versions"]?["1.0.0"]?["data"] == "mine")
            #expect(json["readme"] == "say \"data\": \\")
        }
        #expect(try read(bytes.indices.map { bytes[$0...$0] }).attachment == Self.tarball)
    }

    @Test(arguments: [
        "", "{", "]", "}}", "null", "{\"_attachments\":{\"a\":{\"data\":\"!\"}}}",
        "{\"_attachments\":{\"a\":{\"data\":\"QQ\"}}}",
        "{\"_attachments\":{\"a\":{\"data\":\"QQ==QQ==\"}}}",
        "{\"_attachments\":{\"a\":{\"data\":\"QUFB\\u0041\"}}}",
        "{\"_attachments\":{\"a\":{\"data\":\"QUFB\"},\"b\":{\"data\":\"QUFB\"}}}",
        "{\"_attachments\":{\"a\":{\"data\":\"QUFB",
        String(repeating: "[", count: 100), String(repeating: "{\"a\":", count: 100),
    ])
    func refuses(_ text: String) {
        let error = #expect(throws: (any Error).self) {
            let (json, _, _) = try read([Array(text.utf8)[...]])
            _ = try PublishDocument(json)
        }
        #expect(
            error.map { GatewayError(refusingPublication: $0).code.name }
                == "registry.publish-malformed")
    }

    @Test func damageIsRefusedOrSeen() throws {
        var random = SeededGenerator(seed: 4)
        let bytes = Array(Self.document.utf8)
        for _ in 0..<5_000 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let index = Int.random(in: damaged.indices, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: damaged[index] = UInt8.random(in: 0...255, using: &random)
                case 1: damaged.remove(at: index)
                default: damaged.insert(UInt8.random(in: 0...255, using: &random), at: index)
                }
            }
            do {
                _ = try read([damaged[...]])
            } catch {
                let code = GatewayError(refusingPublication: error).code.name
                #expect(code == "registry.publish-malformed")
            }
        }
    }
}
