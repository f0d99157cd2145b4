import ArgumentParser

/// `tollgate licenses`: who may have which plugins, until when.
struct Licenses: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Issue licenses, change them and look at them.",
        subcommands: [
            Issue.self, List.self, Show.self, Edit.self, Renew.self, Suspend.self, Resume.self,
            Revoke.self, Rebind.self, RotateAccessKey.self, Token.self,
        ])
}
