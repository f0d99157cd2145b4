package import CanonicalJSON
package import Cryptography

/// A file that signed metadata describes: TARGETS of section 4.5.
package struct TargetDescription: Hashable, Sendable {
    /// Relative to the base of all targets: `@acme/audit-log/-/audit-log-2.1.0.tgz`.
    package let path: String
    /// In bytes; never read more.
    package let length: Int64
    /// Its SHA-256, SHA-512 or both, in the file's order; empty when only other hashes were given:
    /// then no bytes are ever the right ones.
    package let hashes: [Digest]
    /// What the application adds, or nil.
    package let custom: JSONValue?

    package init(path: String, length: Int64, hashes: [Digest], custom: JSONValue? = nil) {
        self.path = path
        self.length = length
        self.hashes = hashes
        self.custom = custom
    }

    /// The description of these bytes, with their SHA-512.
    package init(path: String, of bytes: [UInt8], custom: JSONValue? = nil) {
        self.init(
            path: path, length: Int64(bytes.count), hashes: [Digest.of(.sha512, bytes)],
            custom: custom)
    }

    init(path: String, _ reader: JSONReader) throws(JSONError) {
        self.path = path
        length = try reader["length"].count()
        hashes = try readHashes(reader["hashes"])
        let custom = try reader.optional("custom")
        _ = try custom?.object()
        self.custom = custom?.value
    }

    /// The SHA-512, or nil when it is not given.
    package var sha512: Digest? { hashes.first { $0.algorithm == .sha512 } }

    /// The path under consistent snapshots: `dir/HASH.name` with its first hash (section 5.7.3).
    package var consistentPath: String {
        guard let hash = hashes.first else { return path }
        guard let slash = path.lastIndex(of: "/") else { return "\(hash.hex).\(path)" }
        return "\(path[...slash])\(hash.hex).\(path[path.index(after: slash)...])"
    }

    /// Checks bytes that are held whole, as small targets are.
    ///
    /// - Throws: `trust.length`, `trust.hash`.
    package func check(_ bytes: [UInt8]) throws(TrustError) {
        guard Int64(bytes.count) == length else {
            throw .length(path, Int64(bytes.count), signed: length)
        }
        try checkHashes(hashes, of: bytes, file: path)
    }

    var json: JSONValue {
        var members = JSONObject()
        if let custom { members["custom"] = custom }
        members["hashes"] = hashesJSON(hashes)
        members["length"] = .integer(length)
        return .object(members)
    }
}
