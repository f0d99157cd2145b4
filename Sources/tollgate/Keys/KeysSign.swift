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
    /// `tollgate keys sign`: signs a request, on the machine with the key.
    struct Sign: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sign what `export-unsigned` wrote, where the key is.",
            discussion: """
                Needs no data folder and no network. It shows what it signs: every release with its \
                SHA-512, every change of keys; without --key it does no more than that. Several people \
                can sign one after the other; each takes the file that the one before wrote.

                Beside the key it keeps which versions it signed, KEY.versions.json, and signs no lower \
                one.

                With --data in place of a file it does all at once where the data folder is: \
                export, sign, import.
                """)

        @Argument(help: "The file that `tollgate keys export-unsigned` wrote.")
        var request: String?

        @Option(
            name: .customLong("key"),
            help: "The private key, a PEM file; repeat it to sign with several.")
        var keys: [String] = []

        @Option(help: "The file to write; by default the request with .signed before its ending.")
        var output: String?

        @Option(help: "The gateway's data folder, in place of a request.")
        var data: String?

        @Flag(help: "With --data: sign the next root.")
        var root = false

        func validate() throws {
            guard (request == nil) != (data == nil) else {
                throw ValidationError("Name a request, or a data folder with --data.")
            }
            guard data == nil || !keys.isEmpty else {
                throw ValidationError("Name a private key with --key.")
            }
            guard data != nil || !root else { throw ValidationError("--root goes with --data.") }
        }

        func run() async throws {
            if let data {
                let option = try DataFolderOption.parse(["--data", data])
                let vendor = try option.openVendor()
                guard var request = try await vendor.signingRequest(root ? .root([:]) : .targets)
                else {
                    Terminal.note("Nothing waits for a signature.")
                    return
                }
                try sign(&request)
                try await Import.take(request, vendor)
                return
            }
            let input = FilePath(request ?? "")
            guard let bytes = try readFile(input) else {
                throw UsageError("There is no file \(input).")
            }
            var request = try SigningRequest(reading: bytes)
            try sign(&request)
            guard !keys.isEmpty else { return }
            let path = FilePath(output ?? Self.signedName(of: input.string))
            try writeFile(path, request.bytes)
            for part in request.parts where part.progress.signed < part.progress.threshold {
                Terminal.note(
                    """
                    \(printable(part.role, limit: 100)) has \(part.progress.signed) of \
                    \(part.progress.threshold) signatures: the next person signs \(path).
                    """)
            }
            Terminal.print(path.string)
        }

        private func sign(_ request: inout SigningRequest) throws {
            Terminal.note(request.summary.joined(separator: "\n"))
            for name in keys {
                var versions = try SignedVersions(ofKey: FilePath(name))
                let roles = try request.sign(with: privateKey(name))
                try versions.add(request, roles)
                try versions.save()
                Terminal.note("\nsigned \(roles.count) of \(request.parts.count) files")
            }
        }

        private func privateKey(_ name: String) throws -> PrivateKey {
            guard let bytes = try readFile(FilePath(name), maximumLength: 1 << 16) else {
                throw UsageError("There is no file \(name).")
            }
            return try PrivateKey(pem: Secret(String(decoding: bytes, as: UTF8.self)))
        }

        private static func signedName(of name: String) -> String {
            let base = name.hasSuffix(".json") ? String(name.dropLast(5)) : name
            return base.hasSuffix(".signed") ? name : "\(base).signed.json"
        }
    }
}
