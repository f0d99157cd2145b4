import ArgumentParser
import Diagnostics
import FoundationEssentials
import Glibc
import HTTPTransfer
import SignedMetadata
import SystemPackage

/// A bare client of The Update Framework over the code that `pkg` uses.
///
/// It has the command line of the public conformance suite and is not shipped. It ends with 0 or 1.
/// What it trusts lies in the metadata folder, each role under its name without a version; the roots
/// that led to the latest one lie in `root_history` below.
@main
struct TUFClient: AsyncParsableCommand {
    enum Verb: String, ExpressibleByArgument, CaseIterable {
        case `init`
        case refresh
        case download
    }

    static let configuration = CommandConfiguration(
        commandName: "tuf-client",
        abstract: "Follows the signed metadata of a repository and downloads targets.")

    @Option(help: "Folder of the trusted metadata.")
    var metadataDir: String
    @Option(help: "Where the repository's metadata is.")
    var metadataUrl: String?
    @Option(help: "Path of a target to download; may be given several times.")
    var targetName: [String] = []
    @Option(help: "Where the repository's targets are.")
    var targetBaseUrl: String?
    @Option(help: "Folder to download targets into.")
    var targetDir: String?
    @Argument(help: "What to do: \(Verb.allCases.map(\.rawValue).joined(separator: ", ")).")
    var verb: Verb
    @Argument(help: "With init: the root file to trust.")
    var rootFile: String?

    static func main() async {
        do {
            let client = try parse(nil)
            try await client.run()
        } catch {
            let isHelp = exitCode(for: error) == .success
            let output = isHelp ? FileDescriptor.standardOutput : .standardError
            // Nobody is left to tell when even this cannot be written.
            _ = try? output.writeAll("\(fullMessage(for: error))\n".utf8)
            Glibc.exit(isHelp ? 0 : 1)
        }
    }

    func validate() throws {
        switch verb {
        case .`init`:
            guard rootFile != nil else { throw ValidationError("init needs a root file.") }
        case .refresh:
            guard metadataUrl != nil else { throw ValidationError("--metadata-url is missing.") }
        case .download:
            guard metadataUrl != nil, targetBaseUrl != nil, targetDir != nil, !targetName.isEmpty
            else {
                throw ValidationError(
                    "download needs --metadata-url, --target-name, --target-base-url, --target-dir."
                )
            }
        }
    }

    func run() async throws {
        let now = Date()
        let store = try DirectoryMetadataStore(folder: FilePath(metadataDir))
        if verb == .`init` {
            let root = try readWholeFile(FilePath(rootFile ?? ""))
            return try store.save("root", root)
        }
        guard let root = try store.load("root") else {
            throw TrustError(.trustNoRoot, "\(metadataDir) has no root.json: run init first.")
        }
        let http = try HTTPClient(HTTPClientConfiguration(userAgent: "tuf-client/1"))
        let result: Result<Void, any Error>
        do {
            try await update(from: root, store: store, http: http, now: now)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await http.shutDown()
        try result.get()
    }

    private func update(
        from root: [UInt8], store: DirectoryMetadataStore, http: HTTPClient, now: Date
    ) async throws {
        let metadata = try MetadataClient(
            trustedRoot: root, store: store,
            transport: HTTPMetadataTransport(base: metadataUrl ?? "", http: http), now: now)
        try await metadata.refresh()
        guard verb == .download else { return }
        let downloads = try TargetDownloads(
            base: targetBaseUrl ?? "", folder: FilePath(targetDir ?? ""), http: http)
        for name in targetName {
            guard let target = try await metadata.target(name) else {
                throw TrustError(.trustMissing, "No role describes a target \"\(name)\".")
            }
            try await downloads.fetch(target, at: metadata.downloadPath(of: target))
        }
    }
}
