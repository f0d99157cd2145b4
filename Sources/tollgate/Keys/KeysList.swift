import ArgumentParser
import CanonicalJSON
import Cryptography
import Diagnostics
import Gateway
import TerminalOutput

extension Keys {
    /// `tollgate keys list`: every key in a line.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the keys: name, type, key ID.")

        @OptionGroup var data: DataFolderOption

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            let keys = try await data.openVendor().publicKeys()
            if json {
                Terminal.print(
                    .array(
                        keys.map {
                            [
                                "name": .string($0.name), "type": .string($0.key.type.rawValue),
                                "key_id": .string($0.keyID), "public_key": .string($0.key.pem),
                            ]
                        }))
                return
            }
            Terminal.print(
                TextTable(
                    ["KEY", "TYPE", "KEY ID"],
                    keys.map { [$0.name, $0.key.type.rawValue, $0.keyID] }))
        }
    }
}
