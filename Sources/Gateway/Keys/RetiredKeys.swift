import Cryptography
import Diagnostics
import Storage
import SystemPackage

/// The public halves of keys that were replaced: `keys/retired/`.
struct RetiredKeys: Sendable {
    private let folder: FilePath

    /// - Parameter keys: the folder of the private keys
    init(_ keys: FilePath) {
        folder = keys.appending("retired")
    }

    /// - Throws: ``StorageError`` `disk.*`.
    func add(_ key: PublicKey, _ name: KeyName) throws(StorageError) {
        try makeFolder(folder, mode: 0o700)
        let digest = Digest.of(.sha256, key.spkiDER).hex.prefix(16)
        try replaceFile(
            folder.appending("\(name.rawValue)-\(digest).pub.pem"), with: Array(key.pem.utf8),
            permissions: [.ownerReadWrite])
    }

    /// The keys of that name, in the order of their files.
    ///
    /// - Throws: ``StorageError`` `disk.*`, ``CryptographyError`` `key.malformed`.
    func keys(_ name: KeyName) throws -> [PublicKey] {
        try namesInFolder(folder).filter {
            $0.hasPrefix("\(name.rawValue)-") && $0.hasSuffix(".pub.pem")
        }.compactMap { try readFile(folder.appending($0)) }.map {
            try PublicKey(pem: String(decoding: $0, as: UTF8.self))
        }
    }
}
