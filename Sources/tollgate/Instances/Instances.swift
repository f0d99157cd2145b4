import ArgumentParser

/// `tollgate instances`: who runs what.
struct Instances: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look at the instances that hold licenses.",
        subcommands: [List.self, Show.self])
}
