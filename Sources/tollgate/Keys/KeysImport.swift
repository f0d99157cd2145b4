import ArgumentParser
import Diagnostics
import Gateway
import Packages
import SignedMetadata
import Storage
import SystemPackage
import TerminalOutput

extension Keys {
    /// `tollgate keys import`: publishes what was signed elsewhere.
    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Publish what was signed elsewhere.",
            discussion: """
                Nothing is taken whose signatures are not enough, or that is about another state than \
                the gateway's now: then export and sign again.
                """)

        @OptionGroup var data: DataFolderOption

        @Argument(help: "The file that `tollgate keys sign` wrote.")
        var file: String

        func run() async throws {
            guard let bytes = try readFile(FilePath(file)) else {
                throw UsageError("There is no file \(file).")
            }
            try await Self.take(SigningRequest(reading: bytes), data.openVendor())
        }

        static func take(_ request: SigningRequest, _ vendor: Vendor) async throws {
            let releases = try await vendor.importSigned(request, by: DataFolderOption.actor)
            for release in releases {
                Terminal.print("published \(release.name)@\(release.version)")
            }
            for part in request.parts {
                guard case .root(let root, _) = part.metadata else { continue }
                Terminal.print("published version \(root.version) of the root")
            }
            Terminal.note("The signed metadata has \(request.parts.count) new files.")
        }
    }
}
