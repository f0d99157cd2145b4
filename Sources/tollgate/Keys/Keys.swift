import ArgumentParser

/// `tollgate keys`: the public halves of the gateway's keys; the private ones are never printed.
struct Keys: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look at the gateway's public keys.", subcommands: [List.self, Show.self])
}
