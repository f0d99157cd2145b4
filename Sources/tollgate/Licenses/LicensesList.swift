import ArgumentParser
import CanonicalJSON
import Diagnostics
import Gateway
import Licensing
import Storage
import TerminalOutput

extension Licenses {
    /// `tollgate licenses list`: every license in a line.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the licenses.")

        @OptionGroup var data: DataFolderOption

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            let licenses = try await data.openVendor().records.licenses.all()
            if json {
                Terminal.print(.array(licenses.map(\.shown)))
                return
            }
            Terminal.print(
                TextTable(
                    ["LICENSE", "ACCOUNT", "STATUS", "MODE", "EXPIRES", "PLUGINS"],
                    licenses.map { license in
                        [
                            license.id, license.account.name, license.status.rawValue,
                            license.terms.mode.rawValue, license.terms.expires?.written ?? "never",
                            "\(license.terms.grants.count)",
                        ]
                    }))
        }
    }
}
