import ArgumentParser

/// `pkg license …`.
struct LicenseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "license",
        abstract: "Adds, shows, renews, moves and removes the licenses of this instance.",
        subcommands: [
            LicenseActivateCommand.self, LicenseStatusCommand.self, LicenseListCommand.self,
            LicenseShowCommand.self, LicenseRefreshCommand.self, LicenseRebindCommand.self,
            LicenseSeatsCommand.self, LicenseRemoveCommand.self, LicenseDeleteCommand.self,
        ])
}
