package import CanonicalJSON
package import Cryptography

/// What a metadata file says of another metadata file: METAFILES of section 4.4.
package struct FileDescription: Hashable, Sendable {
    package let version: Int64
    /// In bytes, or nil when it is not said.
    package let length: Int64?
    /// The hashes of the kinds that we compute, or nil when none are said.
    package let hashes: [Digest]?

    package init(version: Int64, length: Int64? = nil, hashes: [Digest]? = nil) {
        self.version = version
        self.length = length
        self.hashes = hashes
    }

    /// The description of a file: its version, length and SHA-256.
    package init(version: Int64, of bytes: [UInt8]) {
        self.init(
            version: version, length: Int64(bytes.count), hashes: [Digest.of(.sha256, bytes)])
    }

    /// Reads one member of METAFILES.
    ///
    /// - Throws: ``JSONError``
    package init(_ reader: JSONReader) throws(JSONError) {
        version = try readVersion(reader["version"])
        if let lengthReader = try reader.optional("length") {
            length = try lengthReader.count()
        } else {
            length = nil
        }
        if let hashesReader = try reader.optional("hashes") {
            hashes = try readHashes(hashesReader)
        } else {
            hashes = nil
        }
    }

    /// - Throws: `trust.length`, `trust.hash`.
    func check(_ bytes: [UInt8], file: String) throws(TrustError) {
        if let length, length != Int64(bytes.count) {
            throw .length(file, Int64(bytes.count), signed: length)
        }
        if let hashes { try checkHashes(hashes, of: bytes, file: file) }
    }

    package var json: JSONValue {
        var members = JSONObject()
        if let hashes { members["hashes"] = hashesJSON(hashes) }
        if let length { members["length"] = .integer(length) }
        members["version"] = .integer(version)
        return .object(members)
    }
}

/// - Throws: `trust.hash`, also when there is none to check against.
func checkHashes(_ hashes: [Digest], of bytes: [UInt8], file: String) throws(TrustError) {
    guard !hashes.isEmpty else { throw .noKnownHash(file) }
    for hash in hashes {
        let found = Digest.of(hash.algorithm, bytes)
        guard found == hash else {
            throw .hash(
                file, algorithm: hash.algorithm.rawValue, found: found.hex, signed: hash.hex)
        }
    }
}

/// The SHA-256 and SHA-512 of a HASHES object; other kinds are passed over.
func readHashes(_ reader: JSONReader) throws(JSONError) -> [Digest] {
    var hashes: [Digest] = []
    let members = try reader.members()
    guard !members.isEmpty else { throw reader.failure(.invalidValue) }
    for (name, member) in members {
        let text = try member.string()
        guard name == "sha256" || name == "sha512", let algorithm = HashAlgorithm(rawValue: name)
        else { continue }
        guard let hash = Digest(algorithm, hex: text) else {
            throw member.failure(.invalidValue)
        }
        hashes.append(hash)
    }
    return hashes
}

func hashesJSON(_ hashes: [Digest]) -> JSONValue {
    .object(JSONObject(hashes.map { ($0.algorithm.rawValue, .string($0.hex)) }))
}
