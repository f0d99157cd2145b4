import ArgumentParser
import CanonicalJSON
import Diagnostics
import FoundationEssentials
import Gateway
import Storage
import TerminalOutput

extension Tokens {
    /// `tollgate tokens list`: every token that holds.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the tokens that hold.")

        @OptionGroup var data: DataFolderOption

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            let tokens = try await data.openVendor().records.accessTokens.current(at: Date())
            if json {
                Terminal.print(.array(tokens.map { .object($0.shown) }))
                return
            }
            Terminal.print(
                TextTable(
                    ["TOKEN", "NAME", "SCOPE", "FOR", "EXPIRES"],
                    tokens.map { token in
                        [
                            token.id, token.name, token.scope.word, token.purpose,
                            token.expires?.written ?? "never",
                        ]
                    }))
        }
    }
}
