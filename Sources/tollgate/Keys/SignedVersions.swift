import CanonicalJSON
import Diagnostics
import SignedMetadata
import Storage
import SystemPackage

/// Which versions a key signed, beside it: the gateway that asks may show an older state than it had.
struct SignedVersions {
    private let file: FilePath
    private var versions: [String: Int64] = [:]

    /// - Throws: ``TrustError`` `trust.malformed` for a file that is none, ``StorageError`` `disk.*`.
    init(ofKey key: FilePath) throws {
        file = FilePath("\(key.string).versions.json")
        guard let bytes = try readFile(file, maximumLength: 16 << 20) else { return }
        do {
            for (role, member) in try JSONReader(try parseJSON(bytes)).members() {
                versions[role] = try member.integer()
            }
        } catch {
            throw TrustError(
                .trustMalformed, "\(file) does not say which versions the key signed.",
                remedy: "Put it back from a backup.", cause: error)
        }
    }

    /// Remembers what a request has of these roles.
    ///
    /// - Throws: `trust.rollback` for a version that is lower than one that was signed before.
    mutating func add(_ request: SigningRequest, _ roles: [String]) throws(TrustError) {
        for part in request.parts where roles.contains(part.role) {
            if let signed = versions[part.role], part.version < signed {
                throw TrustError(
                    .trustRollback,
                    """
                    The request has version \(part.version) of \(printable(part.role, limit: 200)); \
                    the key signed version \(signed) before.
                    """,
                    remedy: """
                        Sign nothing before you know why. Only when the gateway was put back from a \
                        backup: remove \(file) and sign again.
                        """)
            }
            versions[part.role] = part.version
        }
    }

    /// - Throws: ``StorageError`` `disk.*`.
    func save() throws(StorageError) {
        let members = versions.sorted { $0.key < $1.key }.map {
            ($0.key, JSONValue.integer($0.value))
        }
        try replaceFile(
            file, with: JSONValue.object(JSONObject(members)).prettyBytes,
            permissions: [.ownerReadWrite])
    }
}
