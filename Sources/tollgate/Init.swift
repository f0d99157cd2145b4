import ArgumentParser
import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import Gateway
import Packages
import Storage
import SystemPackage
import TerminalOutput

/// `tollgate init`: makes a new gateway.
struct Init: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a new gateway: folder, keys, signed metadata, database.",
        discussion: """
            Prints the trust root to bake into the application's image and, this once, the first \
            admin token.
            """)

    @OptionGroup var data: DataFolderOption

    @Option(help: "The address under which customers will reach the gateway.")
    var url = "http://127.0.0.1:8080"

    @Option(
        name: .customLong("vendor"),
        help: "A vendor.json to sign as it is, in place of the options below.")
    var vendorFile: String?

    @Option(help: "The vendor's name.")
    var vendorName = "Vendor"

    @Option(help: "The application's npm package, such as @acme/app.")
    var hostPackage: String?

    @Option(help: "How releases fit the application: range or lockstep.")
    var rule = VendorProfile.Rule.range

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let setup = Setup(
            data.folder, profile: try profile(), settings: try VendorSettings(url: url), now: Date()
        )
        try await setup.run(by: DataFolderOption.actor, telling: show)
    }

    private func show(_ result: Setup.Result) {
        if json {
            Terminal.print([
                "data": .string(data.path), "url": .string(url),
                "root": .string(result.rootFile.string),
                "root_sha256": .string(result.rootFingerprint.hex),
                "admin_token": .string(result.adminToken.reveal()),
            ])
            return
        }
        Terminal.print(
            """
            Made a gateway in \(data.path).

            address        \(url)
            trust root     \(result.rootFile)
                           SHA-256 \(result.rootFingerprint.hex)
                           Bake this file into the application's image, as storage/.license/root.json
                           or where TOLLGATE_TRUST_ROOT points.
            admin token    \(result.adminToken.reveal())
                           Shown this once; the gateway keeps only its digest.

            The private keys are in \(data.folder.keys), one key a role. Keep a copy of root.pem where
            no network is; with it lost, nobody can replace the other keys.

            next: tollgate plugins publish FILE.tgz --data \(data.path)
                  tollgate serve --data \(data.path)
            """)
    }

    private func profile() throws -> VendorProfile {
        guard let vendorFile else {
            return VendorProfile(
                name: vendorName, hostPackage: try hostPackage.map { try PackageName($0) },
                rule: rule)
        }
        guard let bytes = try readFile(FilePath(vendorFile)) else {
            throw UsageError("There is no file \(vendorFile).")
        }
        do {
            return try VendorProfile(json: parseJSON(bytes))
        } catch {
            throw UsageError(
                "The vendor's profile \(vendorFile) cannot be read.",
                remedy: "Correct the file: name, rule, channels and the like.", cause: error)
        }
    }
}

extension VendorProfile.Rule: ExpressibleByArgument {}
