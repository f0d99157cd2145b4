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
            abstract: "List the keys: name, state, type, key ID.",
            discussion: """
                signing    the gateway signs with it
                elsewhere  the root lists it; the private half is not on this machine
                next       it is taking the place of the one that signs
                listed     replaced; what it signed counts, until the day that is shown
                retired    replaced; what it signed counts no more
                """)

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
                                "name": .string($0.key.rawValue),
                                "type": .string($0.publicKey.type.rawValue),
                                "state": .string($0.state.word),
                                "expires": $0.state.end.map { .string($0) } ?? .null,
                                "key_id": .string($0.keyID),
                                "public_key": .string($0.publicKey.pem),
                            ]
                        }))
                return
            }
            Terminal.print(
                TextTable(
                    ["KEY", "STATE", "TYPE", "KEY ID"],
                    keys.map { key in
                        let state = [key.state.word, key.state.end].compactMap(\.self)
                        return [
                            key.key.rawValue, state.joined(separator: " until "),
                            key.publicKey.type.rawValue, key.keyID,
                        ]
                    }))
        }
    }
}

extension Vendor.NamedPublicKey.State {
    fileprivate var word: String {
        switch self {
        case .signing: "signing"
        case .elsewhere: "elsewhere"
        case .next: "next"
        case .listed, .listedUntil: "listed"
        case .retired: "retired"
        }
    }

    fileprivate var end: String? {
        if case .listedUntil(let end) = self { end.wireText } else { nil }
    }
}
