import ArgumentParser
import FoundationEssentials
import Gateway
import Storage
import TerminalOutput

extension Tokens {
    /// `tollgate tokens revoke`: ends a token and those that were made with it.
    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End a token, and with it those that were made with it.")

        @OptionGroup var data: DataFolderOption

        @Argument(help: "The token's ID, as `tollgate tokens list` shows it.")
        var id: String

        func run() async throws {
            try await data.openVendor().records.accessTokens.revoke(
                id, by: DataFolderOption.actor, at: Date())
            Terminal.print("revoked \(id)")
        }
    }
}
