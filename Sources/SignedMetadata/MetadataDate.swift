import CanonicalJSON
import FoundationEssentials

/// The dates of metadata: `2030-01-01T00:00:00Z` (specification, section 4.2).
enum MetadataDate {
    /// The date that the text says, or nil.
    ///
    /// Besides the form that the specification expects, and that we write, a fraction of a second
    /// and an offset (RFC 3339) are read: repositories in the field have them.
    static func parse(_ text: String) -> Date? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20,
            let local = Date(wireText: String(decoding: bytes[..<19], as: UTF8.self) + "Z")
        else { return nil }
        var rest = bytes[19...]
        if rest.first == UInt8(ascii: ".") {
            let digits = rest.dropFirst().prefix(while: isDigit)
            guard (1...9).contains(digits.count) else { return nil }
            rest = rest.dropFirst(1 + digits.count)
        }
        return seconds(ofOffset: String(decoding: rest, as: UTF8.self)).map { local - $0 }
    }

    /// `Z`, `+01:30` or `-06:00`.
    private static func seconds(ofOffset text: String) -> TimeInterval? {
        if text == "Z" { return 0 }
        let bytes = Array(text.utf8)
        guard bytes.count == 6, bytes[3] == UInt8(ascii: ":"),
            bytes[0] == UInt8(ascii: "-") || bytes[0] == UInt8(ascii: "+"),
            let hours = number(bytes[1..<3]), let minutes = number(bytes[4..<6]), hours < 24,
            minutes < 60
        else { return nil }
        return (bytes[0] == UInt8(ascii: "-") ? -1 : 1) * (hours * 3600 + minutes * 60)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> TimeInterval? {
        guard digits.allSatisfy(isDigit) else { return nil }
        return digits.reduce(0) { $0 * 10 + TimeInterval($1 & 0xF) }
    }
}
