import ArgumentParser
import Cryptography
import Diagnostics
import Gateway
import Storage
import TerminalOutput

extension Keys {
    /// `tollgate keys show`: one public key as PEM.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a public key as PEM (SubjectPublicKeyInfo).")

        @OptionGroup var data: DataFolderOption

        @Argument(help: "The key's name, such as nocodb.")
        var name: String

        func run() async throws {
            let keys = try await data.openVendor().publicKeys()
            // The one that signs is the first of its name.
            guard let found = keys.first(where: { $0.key.rawValue == name }) else {
                throw StorageError(
                    .recordNotFound, "There is no key \(quoted(name)).",
                    remedy: "Name one of those that `tollgate keys list` shows.")
            }
            var pem = found.publicKey.pem
            while pem.hasSuffix("\n") { pem.removeLast() }
            Terminal.print(pem)
        }
    }
}
