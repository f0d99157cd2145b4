import ArgumentParser

/// `pkg plugins …`: what is installed.
struct PluginsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugins",
        abstract: "Shows, verifies and brings back installed plugins.",
        subcommands: [
            PluginsListCommand.self, PluginsOutdatedCommand.self, PluginsVerifyCommand.self,
            PluginsRollbackCommand.self, PluginsRestoreCommand.self, PluginsCleanCommand.self,
        ])
}
