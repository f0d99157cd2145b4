/// `Content-Range: bytes first-last/total` or `bytes */total` (RFC 9110 section 14.4).
struct ContentRange: Equatable {
    /// The positions of the first and last byte sent; nil: none fits (416).
    let bytes: ClosedRange<Int64>?
    /// The length of the whole file; nil: not told (`*`).
    let total: Int64?

    /// Reads the field's value; nil when it is malformed.
    init?(_ value: String) {
        let value = value.trimmingSpaces()
        guard value.prefix(6).lowercased() == "bytes " else { return nil }
        let parts = value.dropFirst(6).split(
            separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        if parts[1] == "*" {
            total = nil
        } else {
            guard let number = Self.number(parts[1]) else { return nil }
            total = number
        }
        if parts[0] == "*" {
            guard total != nil else { return nil }
            bytes = nil
        } else {
            let ends = parts[0].split(
                separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
            guard
                ends.count == 2, let first = Self.number(ends[0]),
                let last = Self.number(ends[1]), first <= last, last < total ?? .max
            else { return nil }
            bytes = first...last
        }
    }

    private static func number(_ text: Substring) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int64(text)
    }
}
