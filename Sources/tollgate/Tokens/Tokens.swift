import ArgumentParser

/// `tollgate tokens`: what people and build machines publish with.
struct Tokens: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make, list and revoke tokens.",
        subcommands: [Create.self, List.self, Revoke.self])
}
