package import CanonicalJSON
package import FoundationEssentials

/// The roles that every repository has.
package enum TopLevelRole: String, Sendable, CaseIterable {
    case root
    case timestamp
    case snapshot
    case targets

    /// The name under which snapshot and timestamp list it.
    var file: String { "\(rawValue).json" }
}

/// The signed part of a metadata file.
package protocol RoleMetadata: Sendable {
    /// The member `_type`.
    static var type: TopLevelRole { get }
    /// Greater than 0, and grows with every change.
    var version: Int64 { get }
    /// From this moment on the file is not trusted.
    var expires: Date { get }
    /// The signed part; what we do not know of a file that we read is not kept.
    var json: JSONValue { get }
    /// Reads the signed part, `_type` excepted.
    init(_ reader: JSONReader) throws(JSONError)
}

extension RoleMetadata {
    func isExpired(at now: Date) -> Bool { expires <= now }

    /// The members that all roles have.
    var commonMembers: JSONObject {
        [
            "_type": .string(Self.type.rawValue),
            "expires": .string(expires.wireText),
            "spec_version": "1.0.34",
            "version": .integer(version),
        ]
    }
}

/// What all roles have besides their type.
struct CommonMembers {
    let version: Int64
    let expires: Date

    init(_ reader: JSONReader) throws(JSONError) {
        version = try readVersion(reader["version"])
        let expiresReader = try reader["expires"]
        guard let expires = MetadataDate.parse(try expiresReader.string()) else {
            throw expiresReader.failure(.invalidValue)
        }
        self.expires = expires
        // Section 4.3 leaves open what matches: our first number, as in every client we know.
        let specification = try reader["spec_version"]
        let numbers = try specification.string().split(
            separator: ".", omittingEmptySubsequences: false)
        guard (2...3).contains(numbers.count), numbers[0] == "1",
            numbers.allSatisfy({ UInt64($0) != nil })
        else { throw specification.failure(.invalidValue) }
    }
}

func readVersion(_ reader: JSONReader) throws(JSONError) -> Int64 {
    let version = try reader.integer()
    guard version > 0 else { throw reader.failure(.invalidValue) }
    return version
}
