import ArgumentParser
import Gateway
import Storage

/// A verb that sets the status of a license and nothing else.
protocol StatusVerb: AsyncParsableCommand {
    static var status: LicenseRecord.Status { get }
    /// What the audit log calls it.
    static var action: String { get }
    var license: LicenseArgument { get }
}

extension StatusVerb {
    func run() async throws {
        let vendor = try license.data.openVendor()
        let changed = try await vendor.setStatus(
            Self.status, ofLicense: license.id, as: Self.action, by: DataFolderOption.actor)
        try await license.show(
            changed, "license \(changed.id) is \(changed.status.rawValue)", of: vendor)
    }
}

extension Licenses {
    /// `tollgate licenses suspend`: nothing new until it is resumed.
    struct Suspend: StatusVerb {
        static let configuration = CommandConfiguration(
            abstract: "Pause a license; `resume` ends it. Nothing is deleted at the customer.")
        static let status = LicenseRecord.Status.suspended
        static let action = "license.suspend"

        @OptionGroup var license: LicenseArgument
    }

    /// `tollgate licenses resume`: ends a suspension.
    struct Resume: StatusVerb {
        static let configuration = CommandConfiguration(abstract: "End a suspension.")
        static let status = LicenseRecord.Status.active
        static let action = "license.resume"

        @OptionGroup var license: LicenseArgument
    }

    /// `tollgate licenses revoke`: ends a license for good.
    struct Revoke: StatusVerb {
        static let configuration = CommandConfiguration(abstract: "End a license for good.")
        static let status = LicenseRecord.Status.revoked
        static let action = "license.revoke"

        @OptionGroup var license: LicenseArgument
    }
}
