import ArgumentParser
import Diagnostics
import FoundationEssentials
import Gateway
import SystemPackage
import TerminalOutput

extension Keys {
    /// `tollgate keys rotate`: puts a new key in the place of one.
    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Replace a key, while the gateway serves and installations run.",
            discussion: """
                Stopped at any moment, it goes on with the next command that signs, or with the \
                gateway; the same command again brings it to its end.
                """)

        @OptionGroup var data: DataFolderOption

        @Argument(
            help: "Which: root, targets, snapshot, timestamp, license, registry, nocodb or bundle.")
        var key: KeyName

        @Flag(
            help:
                "What the old key signed counts no more: for a license or registry key that leaked."
        )
        var revokeOld = false

        @Option(help: "The root's private key, when it was moved away.")
        var rootKey: String?

        @Flag(
            help:
                "Let it wait for a root that is signed elsewhere: `tollgate keys export-unsigned --root`."
        )
        var awaitRoot = false

        @Flag(help: "Sign with a new license key without waiting for caches to forget its list.")
        var atOnce = false

        func run() async throws {
            let vendor = try data.openVendor()
            let rootKey = rootKey.map { FilePath.currentFolder.pushing(FilePath($0)) }
            let request = try KeyRotationRequest(
                key, revokesOld: revokeOld, isAtOnce: atOnce, rootKey: rootKey,
                awaitsRoot: awaitRoot)
            var (rotation, hindrance) = try await vendor.rotateKey(
                request, by: DataFolderOption.actor)
            while case .caches(let seconds)? = hindrance {
                Terminal.note(
                    """
                    The list of license keys is public. Waiting \(Int(seconds.rounded(.up))) s, until \
                    no cache has the one before it.
                    """)
                try await Task.sleep(for: .seconds(seconds))
                hindrance = try await vendor.endRotation(rootKey: rootKey)
            }
            Terminal.print(
                """
                \(hindrance == nil ? "replaced" : "replacing") the key \(key.rawValue)
                old  \(rotation.oldKeyID)
                new  \(rotation.newKeyID)
                """)
            if let hindrance {
                Terminal.note(hindrance.explained)
            } else {
                Terminal.note(key.consequence(isOldRevoked: rotation.revokesOld))
                if key == .root, let rootKey {
                    Terminal.note(
                        "The new private key is in \(rootKey). Copy it to where copies are.")
                }
            }
        }
    }
}

extension KeyName: ExpressibleByArgument {}

extension FilePath {
    fileprivate static var currentFolder: FilePath {
        FilePath(FileManager.default.currentDirectoryPath)
    }
}

extension KeyRotation.Hindrance {
    fileprivate var explained: String {
        switch self {
        case .rootKey:
            """
            It waits for the root: run it again with --root-key, or have the root signed where its \
            keys are, beginning with `tollgate keys export-unsigned --root`.
            """
        case .unsignedList:
            """
            It waits for the targets key to sign the list, beginning with \
            `tollgate keys export-unsigned`.
            """
        case .caches: "It waits for caches: the gateway goes on with it."
        }
    }
}

extension KeyName {
    /// What follows for those who run plugins and for the vendor.
    fileprivate func consequence(isOldRevoked: Bool) -> String {
        switch (self, isOldRevoked) {
        case (.root, _):
            """
            Installations follow from the old root to the new one by themselves, those that were off \
            for long too. Keep a copy of the new root.pem where no network is. Images need no new \
            root baked in; keep every N.root.json of metadata/.
            """
        case (.targets, _), (.snapshot, _), (.timestamp, _):
            """
            Installations learn of it from the root at their next start; nothing is to do there.
            """
        case (.license, false):
            """
            Tokens are signed by the new key from now on; those that the old key signed hold as long \
            as they say. The root lists both.
            """
        case (.license, true):
            """
            Tokens that an older key signed count no more, once an installation sees the new list. \
            With a network it gets another one by itself; offline licenses have to be issued anew \
            with `tollgate licenses token`.
            """
        case (.bundle, _):
            """
            Bundles are signed by the new key from now on; those that were made before hold as long as \
            they say.
            """
        case (.registry, false):
            """
            Releases are signed by the new key from now on; those of before keep their signature, \
            which counts for them alone.
            """
        case (.registry, true):
            "All releases are signed by the new key; the old one is listed no more."
        case (.nocodb, _):
            """
            NocoDB's clients have the public key built in: those that have the old one refuse the \
            tokens from now on. Give them the new one, which `tollgate keys show nocodb` prints.
            """
        }
    }
}
