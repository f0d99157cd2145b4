import ArgumentParser

/// `tollgate keys`: what the gateway signs with; private halves are never printed.
struct Keys: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look at the gateway's keys and replace them.",
        subcommands: [
            List.self, Show.self, Rotate.self, ExportUnsigned.self, Sign.self, Import.self,
        ])
}
