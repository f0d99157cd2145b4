import ArgumentParser
import Bundle
import CanonicalJSON
import Diagnostics
import Gateway
import Packages
import SystemPackage
import TerminalOutput

extension Bundles {
    /// `tollgate bundle create`: everything that a license covers, in one file.
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a bundle of what a license covers.",
            discussion: """
                The customer runs `pkg download-pro --from FILE` on the machine without a network, \
                which does the same as with one. A bundle for an airgapped or offline license has a \
                fresh token in it, so keep it from others.
                """)

        @OptionGroup var data: DataFolderOption

        @Option(help: "The license's ID.")
        var license: String

        @Option(
            help: """
                A version of the application that the plugins are for; may be said several times. \
                Without it: every release that the license covers.
                """)
        var appVersion: [String] = []

        @Option(help: "An earlier bundle that the customer has: its tarballs are left out.")
        var since: String?

        @Option(help: "For how many days it is good.")
        var days = BundleIndex.usualDays

        @Option(name: .shortAndLong, help: "The file to make, such as globex-2026-11.tgbundle.")
        var output: String

        @Flag(help: "Print JSON.")
        var json = false

        func validate() throws {
            guard output != "-", output != "" else {
                throw ValidationError(
                    "A bundle is written to a file: name one, such as globex.tgbundle.")
            }
        }

        func run() async throws {
            let request = try BundleRequest(
                license: license, applications: try appVersion.map { try ApplicationVersion($0) },
                earlier: try since.map { try BundleFile(opening: FilePath($0)).index }, days: days)
            let (contents, notices) = try await data.openVendor().makeBundle(
                request, at: FilePath(output))
            for notice in notices { Terminal.note("warning: \(notice)") }
            if json {
                var members = contents.members
                members["schema"] = 1
                Terminal.print(.object(members))
            } else {
                Terminal.print(contents.summary(of: output))
            }
        }
    }
}
