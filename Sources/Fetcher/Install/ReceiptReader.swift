import Cryptography
import Glibc

/// Takes a receipt's text apart, field by field, each ended by a certain byte.
///
/// Every start reads thousands of lines, so nothing is copied but what is kept.
struct ReceiptReader {
    static let newline = UInt8(ascii: "\n")
    static let space = UInt8(ascii: " ")

    private var unread: UnsafeRawBufferPointer

    /// The bytes are the caller's and must outlive the reader.
    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        unread = UnsafeRawBufferPointer(bytes)
    }

    var unreadCount: Int { unread.count }

    /// Whether an empty line came next, which is then read.
    mutating func skipEmptyLine() -> Bool {
        guard unread.first == Self.newline else { return false }
        unread = UnsafeRawBufferPointer(rebasing: unread.dropFirst())
        return true
    }

    /// A field that is not empty; nil when the end does not come.
    mutating func text(before end: UInt8) -> String? {
        field(before: end).map { String(decoding: $0, as: UTF8.self) }
    }

    /// A whole number that is not too large.
    mutating func number(before end: UInt8) -> Int64? {
        guard let field = field(before: end) else { return nil }
        let isNegative = field.first == UInt8(ascii: "-")
        let digits = isNegative ? UnsafeRawBufferPointer(rebasing: field.dropFirst()) : field
        guard !digits.isEmpty else { return nil }
        var value: Int64 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            let (tens, isTooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflows) = tens.addingReportingOverflow(Int64(digit - UInt8(ascii: "0")))
            guard !isTooLarge, !overflows else { return nil }
            value = sum
        }
        return isNegative ? -value : value
    }

    /// The hexadecimal digits of a SHA-512.
    mutating func sha512(before end: UInt8) -> Digest? {
        field(before: end).flatMap { Digest(.sha512, hexDigits: $0) }
    }

    private mutating func field(before end: UInt8) -> UnsafeRawBufferPointer? {
        guard let start = unread.baseAddress, let found = memchr(start, Int32(end), unread.count)
        else { return nil }
        let count = start.distance(to: found)
        guard count > 0 else { return nil }
        defer { unread = UnsafeRawBufferPointer(rebasing: unread[(count + 1)...]) }
        return UnsafeRawBufferPointer(rebasing: unread[..<count])
    }
}
