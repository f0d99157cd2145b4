import ArgumentParser
import FoundationEssentials
import Gateway
import Storage
import TerminalOutput

extension Advisories {
    /// `tollgate advisories withdraw`: takes one back.
    struct Withdraw: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take an advisory back.")

        @OptionGroup var data: DataFolderOption

        @Argument(help: "Its number, as `tollgate advisories list` shows it.")
        var number: Int64

        func run() async throws {
            try await data.openVendor().records.advisories.withdraw(
                number, by: DataFolderOption.actor, at: Date())
            Terminal.print("withdrew advisory \(number)")
        }
    }
}
