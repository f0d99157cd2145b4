import ArgumentParser
import CanonicalJSON
import Diagnostics
import FoundationEssentials
import Gateway
import Licensing
import Storage
import TerminalOutput

extension Licenses {
    /// `tollgate licenses list`: every license in a line.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the licenses, those that end soonest first.")

        @OptionGroup var data: DataFolderOption

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            let now = Date()
            let licenses = try await data.openVendor().records.licenses.all()
                .sorted { $0.place(at: now) < $1.place(at: now) }
            if json {
                Terminal.print(.array(licenses.map(\.shown)))
                return
            }
            Terminal.print(
                TextTable(
                    ["LICENSE", "ACCOUNT", "STATUS", "MODE", "EXPIRES", "PLUGINS"],
                    licenses.map { license in
                        [
                            license.id, license.account.name, license.statusShown(at: now),
                            license.terms.mode.rawValue, license.terms.expiresShown,
                            "\(license.terms.grants.count)",
                        ]
                    }))
        }
    }
}

extension LicenseRecord {
    /// What is used and ends, then what never ends, then what is over.
    fileprivate func place(at now: Date) -> (Int, Date) {
        let end = terms.expires ?? .distantFuture
        return status == .revoked || terms.isOver(at: now) ? (1, end) : (0, end)
    }
}
