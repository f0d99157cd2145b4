package import CanonicalJSON
import Cryptography

/// Reads the document that `npm publish` sends, as it comes.
///
/// It is one JSON object with the tarball in it, in base64, as `_attachments.NAME.data`. That string
/// goes on decoded, piece by piece, and is not kept; everything else is small and is kept, to be
/// parsed when it has ended. So a tarball of any size costs the memory of one piece.
package struct PublishDocumentReader: ~Copyable {
    package enum Failure: Error {
        /// It is not the JSON that npm sends; why.
        case malformed(String)
        /// What is not the attachment is longer than anybody needs.
        case tooLong(maximum: Int)
    }

    /// All but the attachment: `package.json` and the readme, and all earlier versions again when npm
    /// repeats what met another publisher.
    static let maximumLength = 16 << 20

    private enum Place {
        case outside
        /// In a string that is kept; `isEscaped`: the next byte belongs to the last.
        case string(isEscaped: Bool)
        case attachment
    }

    private var kept: [UInt8] = []
    private var place = Place.outside
    /// For each container that is open: the member's name in an object, nil in an array.
    private var path: [[UInt8]?] = []
    /// The string that was read last, if it may be a member's name.
    private var lastString: [UInt8] = []
    /// Base64 digits that wait for the rest of their group of four.
    private var digits: [UInt8] = []
    private var isPadded = false
    private(set) var attachmentCount = 0

    package init() {}

    /// Takes bytes in.
    ///
    /// - Parameters:
    ///   - bytes: the next ones of the document
    ///   - receive: takes the attachment's next bytes
    /// - Throws: ``Failure``; what `receive` throws.
    package mutating func read(
        _ bytes: UnsafeRawBufferPointer, attachment receive: ([UInt8]) throws -> Void
    ) throws {
        var position = 0
        while position < bytes.count {
            switch place {
            case .attachment:
                position = try readAttachment(bytes, from: position, receive)
            case .string(let isEscaped):
                readString(bytes[position], isEscaped)
                position += 1
            case .outside:
                try readStructure(bytes[position])
                position += 1
            }
            guard kept.count <= Self.maximumLength else {
                throw Failure.tooLong(maximum: Self.maximumLength)
            }
        }
    }

    /// The document without its attachment: `data` is the empty string.
    ///
    /// - Throws: ``Failure``.
    package consuming func finish() throws -> JSONValue {
        do {
            return try parseJSON(kept)
        } catch {
            throw Failure.malformed("\(error)")
        }
    }

    private mutating func readStructure(_ byte: UInt8) throws {
        kept.append(byte)
        switch byte {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            guard path.count < 64 else { throw Failure.malformed("it is nested too deeply") }
            path.append(byte == UInt8(ascii: "{") ? [] : nil)
        case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = path.popLast()
        case UInt8(ascii: ":"):
            if let last = path.indices.last, path[last] != nil { path[last] = lastString }
        case UInt8(ascii: ","):
            if let last = path.indices.last, path[last] != nil { path[last] = [] }
        case UInt8(ascii: "\""):
            if isAtAttachment {
                attachmentCount += 1
                guard attachmentCount == 1 else {
                    throw Failure.malformed(
                        "it has more than one attachment; publish without --provenance")
                }
                place = .attachment
            } else {
                place = .string(isEscaped: false)
                lastString = []
            }
        default: break
        }
    }

    /// Whether what begins now is the value of `_attachments.NAME.data`.
    private var isAtAttachment: Bool {
        path.count == 3 && path[0] == Self.attachments && path[2] == Self.data
            && path[1]?.isEmpty == false
    }

    private mutating func readString(_ byte: UInt8, _ isEscaped: Bool) {
        kept.append(byte)
        if isEscaped {
            place = .string(isEscaped: false)
        } else if byte == UInt8(ascii: "\\") {
            place = .string(isEscaped: true)
        } else if byte == UInt8(ascii: "\"") {
            place = .outside
            return
        }
        // Names of members are short; of longer strings only the beginning is of interest.
        if lastString.count < 256 { lastString.append(byte) }
    }

    private mutating func readAttachment(
        _ bytes: UnsafeRawBufferPointer, from start: Int, _ receive: ([UInt8]) throws -> Void
    ) throws -> Int {
        let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
        let end = rest.firstIndex { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }
        digits += rest[..<(end ?? rest.count)]
        let isOver = end.map { rest[$0] == UInt8(ascii: "\"") } ?? false
        let ready = isOver ? digits.count : digits.count - digits.count % 4
        if ready > 0 {
            guard !isPadded, let decoded = Base64.decode(utf8: Array(digits[..<ready])) else {
                throw Failure.malformed("the attachment is not in base64")
            }
            isPadded = digits[ready - 1] == UInt8(ascii: "=")
            digits.removeFirst(ready)
            try receive(decoded)
        }
        guard let end else { return bytes.count }
        guard isOver else {
            throw Failure.malformed("the attachment has escapes, which base64 never needs")
        }
        kept.append(UInt8(ascii: "\""))
        place = .outside
        return start + end + 1
    }

    private static let attachments = Array("_attachments".utf8)
    private static let data = Array("data".utf8)
}
