import ArgumentParser

/// `pkg license …`.
struct LicenseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "license",
        abstract: "Activates a license key and shows what the license is and covers.",
        subcommands: [
            LicenseActivateCommand.self, LicenseStatusCommand.self, LicenseShowCommand.self,
            LicenseRefreshCommand.self,
        ])
}
