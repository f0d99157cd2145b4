import ArgumentParser

/// `tollgate advisories`: flaws of releases, which `npm audit` shows.
struct Advisories: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say which releases have a flaw, for `npm audit`.",
        subcommands: [Add.self, List.self, Withdraw.self])
}
