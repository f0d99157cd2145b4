/// What the header `Range` asks of a file (RFC 9110, section 14).
enum ByteRange: Equatable {
    /// The whole file: there is no such header, or none that we serve.
    case whole
    /// First and last byte.
    case part(ClosedRange<Int>)
    case unsatisfiable

    /// Reads `bytes=0-99`, `bytes=100-` and `bytes=-100`.
    ///
    /// Another unit, several ranges or a malformed one count as no header, as the RFC allows.
    init(_ header: String?, length: Int) {
        guard let header, header.hasPrefix("bytes=") else {
            self = .whole
            return
        }
        let ends = header.dropFirst(6).split(
            separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard ends.count == 2, ends.allSatisfy({ $0.utf8.allSatisfy(Self.isDigit) }) else {
            self = .whole
            return
        }
        switch (Int(ends[0]), Int(ends[1])) {
        case (let first?, _) where first >= length:
            self = .unsatisfiable
        case (let first?, let last?):
            self = first <= last ? .part(first...min(last, length - 1)) : .whole
        case (let first?, nil) where ends[1].isEmpty:
            self = .part(first...length - 1)
        case (nil, let count?) where ends[0].isEmpty:
            self =
                count > 0 && length > 0
                ? .part(max(0, length - count)...length - 1) : .unsatisfiable
        default:
            self = .whole
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
