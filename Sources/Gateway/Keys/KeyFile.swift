import Cryptography
import Diagnostics
import Storage
import SystemPackage

/// The file of one private key, and the one beside it that its successor waits in.
struct KeyFile: Sendable, Hashable {
    let path: FilePath

    init(_ path: FilePath) {
        self.path = path
    }

    init(of name: KeyName, in folder: FilePath) {
        self.init(folder.appending("\(name.rawValue).pem"))
    }

    /// `targets.next.pem` beside `targets.pem`.
    var next: KeyFile {
        var next = path
        let stem = path.stem ?? ""
        next.removeLastComponent()
        return KeyFile(next.appending("\(stem).next.pem"))
    }

    /// The key, or nil when there is no such file.
    ///
    /// - Throws: ``StorageError`` `disk.*`, `key.malformed`, `key.unsupported`.
    func key() throws -> PrivateKey? {
        guard let bytes = try readFile(path, maximumLength: 1 << 16) else { return nil }
        do {
            return try PrivateKey(pem: Secret(String(decoding: bytes, as: UTF8.self)))
        } catch {
            throw StorageError(error.code, "\(path) cannot be used as a key.", cause: error)
        }
    }

    /// - Throws: ``StorageError`` `disk.*`.
    func save(_ key: PrivateKey) throws(StorageError) {
        try replaceFile(
            path, with: Array(key.pem.reveal().utf8), permissions: [.ownerReadWrite])
    }

    /// Puts the successor in the key's place; whoever looks sees one of them, whole.
    ///
    /// - Throws: ``StorageError`` `disk.*`.
    func takeNext() throws(StorageError) {
        try moveFile(next.path, to: path)
    }
}
