import ArgumentParser

/// `tollgate bundle …`: one file with everything for a machine with no network.
struct Bundle: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make bundles for customers without a network.",
        subcommands: [Create.self])
}
