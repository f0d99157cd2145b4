import ArgumentParser
import Gateway
import Storage

extension Licenses {
    /// `tollgate licenses renew`: a new end of the term.
    struct Renew: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set a new end of the term.",
            discussion: """
                A standard license takes it at its next check-in, an airgapped one when it is \
                activated once more; of an offline one the new token is printed.
                """)

        @OptionGroup var license: LicenseArgument

        @Option(help: "The last day of the new term, in the customer's time zone.")
        var expires: String

        func run() async throws {
            let vendor = try license.data.openVendor()
            let changed = try await vendor.changeLicense(
                license.id, as: "license.renew", by: DataFolderOption.actor
            ) { [expires] terms in
                terms.expires = try moment(expires, ofDay: .end, in: timeZone(terms.timezone))
            }
            changed.terms.noteTermThatIsOver()
            try await license.show(
                changed, "license \(changed.id) expires \(changed.terms.expiresShown)", of: vendor)
        }
    }
}
