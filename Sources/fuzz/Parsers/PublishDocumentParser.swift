import CanonicalJSON
import Diagnostics
import Gateway

/// What `npm publish` sends: read in pieces it is what it is read at once.
struct PublishDocumentParser: FuzzedParser {
    let name = "publish-document"
    let dictionary =
        JSONWords.all + [
            "\"_attachments\"", "\"data\"", "\"length\"", "\"name\"", "\"versions\"", "\"dist\"",
            "\"dist-tags\"", "\"latest\"", "AAAA", "AA==", "=", "\"@acme/a\"", "\"content_type\"",
        ]
    let maximumLength = 8_192

    func parse(_ input: [UInt8]) throws -> String {
        let whole = try read(input, inPiecesOf: max(input.count, 1))
        let pieces = try read(input, inPiecesOf: 3)
        try Violation.unless(whole == pieces, "in pieces it is another document")
        guard let json = whole.json else { return "malformed" }
        do {
            _ = try PublishDocument(json)
            return "document \(whole.attachment.isEmpty)"
        } catch let error as any Failure {
            return error.code.name
        } catch let error as JSONError {
            return "\(error.reason)"
        }
    }

    private struct Reading: Equatable {
        var json: JSONValue?
        var attachment: [UInt8] = []
    }

    private func read(_ input: [UInt8], inPiecesOf count: Int) throws -> Reading {
        var reading = Reading()
        var reader = PublishDocumentReader()
        do {
            var rest = input[...]
            while !rest.isEmpty {
                try rest.prefix(count).withUnsafeBytes { bytes in
                    try reader.read(bytes) { reading.attachment += $0 }
                }
                rest = rest.dropFirst(count)
            }
            reading.json = try reader.finish()
            return reading
        } catch is PublishDocumentReader.Failure {
            // What came before the fault was noticed depends on the pieces.
            return Reading()
        }
    }
}
