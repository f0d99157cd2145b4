import ArgumentParser
import CanonicalJSON
import Diagnostics
import Gateway
import Storage
import TerminalOutput

extension Licenses {
    /// `tollgate licenses rotate-access-key`: a new user name and password for npm and NocoBase.
    struct RotateAccessKey: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rotate-access-key",
            abstract: "Replace a license's access key pair and print the new one, this once.",
            discussion: """
                What was logged in with the pair before is logged out at once. The license key and \
                the tokens of installations stay as they are.
                """)

        @OptionGroup var data: DataFolderOption

        @Argument(help: "The license's ID.")
        var id: String

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            let key = try await data.openVendor().rotateAccessKey(
                ofLicense: id, by: DataFolderOption.actor)
            if json {
                Terminal.print(.object(key.shown))
            } else {
                Terminal.print(key.text)
            }
        }
    }
}

extension AccessKey {
    /// For programs.
    var shown: JSONObject {
        [
            "access_key_id": .string(id), "access_key_secret": .string(secret.reveal()),
        ]
    }

    /// For people.
    var text: String {
        """
        access key     \(id)
        secret         \(secret.reveal())
                       User name and password for npm and for NocoBase's command line. The secret is
                       shown this once; the gateway keeps only its digest.
        """
    }
}
