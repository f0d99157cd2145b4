import ArgumentParser

/// `tollgate plugins`: what the vendor sells.
struct Plugins: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Publish plugins and look at them.",
        subcommands: [Publish.self, List.self, Show.self, Yank.self, Deprecate.self, Tag.self])
}
