import ArgumentParser

/// `tollgate bundle …`: one file with everything for a machine with no network.
struct Bundles: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bundle",
        abstract: "Make bundles for customers without a network.",
        subcommands: [Create.self])
}
