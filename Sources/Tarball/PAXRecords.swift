import Diagnostics

/// The records of a pax extended header (POSIX.1-2001, "pax Extended Header"): `length key=value\n`
/// each.
///
/// Checked whole; only what decides about names and sizes is kept.
struct PAXRecords {
    static let maximumLength: Int64 = 1 << 20

    /// The path, UTF-8 not yet checked, or nil.
    private(set) var path: [UInt8]?
    /// The size, or nil.
    private(set) var size: Int64?

    /// Reads the body of an `x` header.
    ///
    /// - Throws: `archive.pax-malformed`; `archive.sparse` and `archive.link` for records that make
    ///   the entry one.
    init(_ body: [UInt8]) throws(TarballError) {
        var rest = body[...]
        var keys: Set<String> = []
        while !rest.isEmpty {
            guard let record = Self.takeRecord(from: &rest),
                let equals = record.firstIndex(of: UInt8(ascii: "=")),
                let key = String(validating: record[..<equals], as: UTF8.self),
                !key.isEmpty, !key.unicodeScalars.contains(where: \.isUnprintable)
            else {
                throw TarballError(
                    .archivePaxMalformed, "A pax record has a wrong length or no key.")
            }
            guard keys.insert(key).inserted else {
                throw TarballError(
                    .archivePaxMalformed, "The pax record \(quoted(key)) is there twice.")
            }
            try accept(key, record[(equals + 1)...])
        }
    }

    /// Takes `length key=value\n` off the front.
    ///
    /// - Returns: `key=value`, or nil when the length is not canonical, points outside, or not to a
    ///   newline.
    private static func takeRecord(from rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let digits = rest.prefix { $0 != UInt8(ascii: " ") }
        guard let length = decimal(digits), length > digits.count + 1, length <= rest.count
        else { return nil }
        let record = rest.prefix(Int(length))
        guard record.last == UInt8(ascii: "\n") else { return nil }
        rest = rest.dropFirst(Int(length))
        return record.dropFirst(digits.count + 1).dropLast()
    }

    /// Digits without sign, space or leading zero, below 10^18.
    private static func decimal(_ digits: ArraySlice<UInt8>) -> Int64? {
        guard (1...18).contains(digits.count), digits.count == 1 || digits.first != 0x30,
            digits.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return digits.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
    }

    private mutating func accept(_ key: String, _ value: ArraySlice<UInt8>) throws(TarballError) {
        switch key {
        case "path":
            // POSIX: an empty value takes the record back. Nobody writes that; readers differ.
            guard !value.isEmpty, !value.contains(0) else {
                throw TarballError(
                    .archivePaxMalformed, "The path in a pax record is empty or has a NUL.")
            }
            path = Array(value)
        case "size":
            guard let number = Self.decimal(value) else {
                throw TarballError(
                    .archiveBadSize, "The size in a pax record is not a decimal number.")
            }
            size = number
        case "linkpath":
            throw TarballError(.archiveLink, "A pax record makes an entry a link.")
        case "hdrcharset":
            // The two values that POSIX and common usage define; the path must be UTF-8 anyway.
            guard
                value.elementsEqual("ISO-IR 10646 2000 UTF-8".utf8)
                    || value.elementsEqual("BINARY".utf8)
            else {
                throw TarballError(
                    .archivePaxMalformed, "A pax record names an unknown character set.")
            }
        case "SCHILY.realsize", "SUN.holesdata":
            throw sparse(key)
        case _ where key.hasPrefix("GNU."):
            // GNU.sparse.* in its three versions; GNU.volume.* and GNU.dumpdir no package has.
            throw sparse(key)
        default:
            break  // Owners, times, extended attributes, comments: not ours to restore.
        }
    }

    private func sparse(_ key: String) -> TarballError {
        TarballError(
            .archiveSparse, "The pax record \(quoted(key)) makes an entry a sparse file.")
    }
}
