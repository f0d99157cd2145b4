import CanonicalJSON
import Cryptography
import Diagnostics
import SignedMetadata
import Storage
import SystemPackage

/// Whose metadata a key signs and which versions it signed, beside it: the gateway that asks may have
/// been broken into, and show another vendor's roots or an older state than it had.
struct SignedVersions {
    private let file: FilePath
    private var firstRoot: String?
    private var versions: [String: Int64] = [:]

    /// - Throws: ``TrustError`` `trust.malformed` for a file that is none, ``StorageError`` `disk.*`.
    init(ofKey key: FilePath) throws {
        file = FilePath("\(key.string).versions.json")
        guard let bytes = try readFile(file, maximumLength: 16 << 20) else { return }
        do {
            let reader = JSONReader(try parseJSON(bytes))
            firstRoot = try reader["first_root_sha256"].string()
            for (role, member) in try reader["versions"].members() {
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
    /// - Throws: `trust.no-root` for a request of another vendor, `trust.rollback` for a version that
    ///   is lower than one that was signed before.
    mutating func add(_ request: SigningRequest, _ roles: [String]) throws(TrustError) {
        if let firstRoot, firstRoot != request.firstRoot.hex {
            throw TrustError(
                .trustNoRoot,
                """
                The request comes from the first root with SHA-256 \(request.firstRoot.hex); the key \
                signed under \(printable(firstRoot, limit: 100)) before.
                """,
                remedy: "Sign nothing before you know why: somebody exchanged the vendor's roots.")
        }
        firstRoot = request.firstRoot.hex
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
            file,
            with: JSONValue.object([
                "first_root_sha256": firstRoot.map { .string($0) } ?? .null,
                "versions": .object(JSONObject(members)),
            ]).prettyBytes,
            permissions: [.ownerReadWrite])
    }
}
