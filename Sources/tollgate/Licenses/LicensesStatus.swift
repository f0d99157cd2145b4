import ArgumentParser
import Diagnostics
import FoundationEssentials
import Gateway
import Storage
import TerminalOutput

extension Licenses {
    /// `tollgate licenses suspend`: nothing new until it is resumed.
    struct Suspend: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Pause a license; `resume` ends it. Nothing is deleted at the customer.")

        @OptionGroup var data: DataFolderOption

        @Argument(help: "The license's ID.")
        var id: String

        func run() async throws {
            try await setStatus(.suspended, of: id, in: data, as: "license.suspend")
        }
    }

    /// `tollgate licenses resume`: ends a suspension.
    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End a suspension.")

        @OptionGroup var data: DataFolderOption

        @Argument(help: "The license's ID.")
        var id: String

        func run() async throws {
            try await setStatus(.active, of: id, in: data, as: "license.resume")
        }
    }

    /// `tollgate licenses revoke`: ends a license for good.
    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End a license for good.")

        @OptionGroup var data: DataFolderOption

        @Argument(help: "The license's ID.")
        var id: String

        func run() async throws {
            try await setStatus(.revoked, of: id, in: data, as: "license.revoke")
        }
    }

    /// `tollgate licenses renew`: a new end of the term.
    struct Renew: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Set a new end of the term.")

        @OptionGroup var data: DataFolderOption

        @Argument(help: "The license's ID.")
        var id: String

        @Option(help: "The last day of the new term, in the customer's time zone.")
        var expires: String

        func run() async throws {
            let vendor = try data.openVendor()
            let license = try await vendor.changeLicense(
                id, as: "license.renew", by: DataFolderOption.actor
            ) { [expires] terms in
                terms.expires = try moment(
                    expires, ofDay: .end, in: timeZone(terms.timezone))
            }
            Terminal.print(
                "license \(license.id) expires \(license.terms.expires?.written ?? "never")")
        }
    }
}

private func setStatus(
    _ status: LicenseRecord.Status, of id: String, in data: DataFolderOption, as action: String
) async throws {
    let vendor = try data.openVendor()
    let license = try await vendor.records.licenses.change(
        id, as: action, by: DataFolderOption.actor, at: Date()
    ) { license in
        guard license.status != .revoked else {
            throw UsageError(
                "The license \(id) was revoked, which is for good.",
                remedy: "Issue a new license.")
        }
        license.status = status
    }
    Terminal.print("license \(license.id) is \(license.status.rawValue)")
}
