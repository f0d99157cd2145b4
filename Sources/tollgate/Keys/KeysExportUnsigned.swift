import ArgumentParser
import Cryptography
import Diagnostics
import FoundationEssentials
import Gateway
import SignedMetadata
import Storage
import SystemPackage
import TerminalOutput

extension Keys {
    /// `tollgate keys export-unsigned`: what a key elsewhere has to sign, as a file.
    struct ExportUnsigned: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write what waits for a signature into a file.",
            discussion: """
                Bring the file to the machine with the key, there run `tollgate keys sign FILE --key \
                KEY`, and bring back what it writes: `tollgate keys import FILE`.

                Releases and what of them expires soon, with `signing: offline`; with --root or --keys \
                the next root.
                """)

        @OptionGroup var data: DataFolderOption

        @Option(help: "The file to write.")
        var output = "unsigned.json"

        @Flag(help: "The next root: with what waits for it, or the same for another year.")
        var root = false

        @Option(
            help: ArgumentHelp(
                "Other keys for root or targets: how many must sign, and the public keys as PEM files.",
                valueName: "ROLE=THRESHOLD:FILE,FILE"))
        var keys: [RoleKeysArgument] = []

        func run() async throws {
            let vendor = try data.openVendor()
            var changed: [TopLevelRole: (keys: [PublicKey], threshold: Int)] = [:]
            for group in keys { changed[group.role] = (try group.read(), group.threshold) }
            let request = try await vendor.signingRequest(
                root || !changed.isEmpty ? .root(changed) : .targets)
            guard let request else {
                Terminal.note("Nothing waits for a signature.")
                return
            }
            try writeFile(FilePath(output), request.bytes)
            Terminal.note(request.summary.joined(separator: "\n"))
            Terminal.note("\nnext, where the key is: tollgate keys sign \(output) --key KEY.pem")
            Terminal.print(output)
        }
    }
}

/// `root=2:a.pem,b.pem,c.pem`.
struct RoleKeysArgument: ExpressibleByArgument {
    let role: TopLevelRole
    let threshold: Int
    private let files: [String]

    init?(argument: String) {
        let sides = argument.split(separator: "=", maxSplits: 1)
        guard sides.count == 2, let role = TopLevelRole(rawValue: String(sides[0])),
            role == .root || role == .targets
        else { return nil }
        let parts = sides[1].split(separator: ":", maxSplits: 1)
        guard parts.count == 2, let threshold = Int(parts[0]), threshold > 0 else { return nil }
        self.role = role
        self.threshold = threshold
        files = parts[1].split(separator: ",").map(String.init)
    }

    /// - Throws: ``UsageError`` for a file that is no public key.
    func read() throws -> [PublicKey] {
        try files.map { name in
            guard let bytes = try readFile(FilePath(name), maximumLength: 1 << 16) else {
                throw UsageError("There is no file \(name).")
            }
            do {
                return try PublicKey(pem: String(decoding: bytes, as: UTF8.self))
            } catch {
                throw UsageError(
                    "\(name) is no public key.",
                    remedy: "Make one with `openssl pkey -in KEY.pem -pubout`.", cause: error)
            }
        }
    }
}

/// Writes a file that a person asked for.
///
/// - Throws: ``StorageError`` `disk.*`.
func writeFile(_ path: FilePath, _ bytes: [UInt8]) throws(StorageError) {
    try replaceFile(path, with: bytes, permissions: [.ownerReadWrite, .groupRead, .otherRead])
}
