import ArgumentParser
import CustomerCommand
import Diagnostics
import Fetcher
import FoundationEssentials
import Licensing
import TerminalOutput

/// `pkg license remove`.
struct LicenseRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Frees this instance of a license at the gateway, and forgets it here.",
        discussion: """
            The license can then be activated for another instance. When the gateway does not \
            answer, nothing is forgotten.
            """)

    @OptionGroup var common: CommonOptions

    @Argument(help: "The license's ID; not needed when there is only one.")
    var id: String?

    func run() async throws {
        try await reportingFailures {
            let settings = try common.settings()
            try await StorageLock.hold(settings.storage) {
                let session = try await LicenseSession(settings, now: .now)
                let license = try id ?? session.onlyLicense()
                do {
                    try await session.remove(license)
                } catch {
                    if anyFailure(error).code.exitStatus == .network {
                        Terminal.note(
                            """
                            Nothing is forgotten. `pkg license delete \(license)` forgets it here, \
                            while your vendor goes on counting this instance.
                            """)
                    }
                    throw error
                }
                Terminal.print("removed \(license)")
            }
        }
    }
}

extension LicenseSession {
    /// The ID of the one license here.
    fileprivate func onlyLicense() throws -> String {
        try requireWritable()
        let licenses = try claims(of: nil).map(\.licenseID)
        guard licenses.count == 1 else {
            throw UsageError(
                "There are \(licenses.count) licenses here: \(licenses.joined(separator: ", ")).",
                remedy: "Say which one: `pkg license remove ID`.")
        }
        return licenses[0]
    }
}
