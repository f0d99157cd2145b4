import ArgumentParser
import CanonicalJSON
import Diagnostics
import Gateway
import Licensing
import Storage
import TerminalOutput

/// Which license a command is about, and how it says what came of it.
struct LicenseArgument: ParsableArguments {
    @OptionGroup var data: DataFolderOption

    @Argument(help: "The license's ID.")
    var id: String

    @Flag(help: "Print JSON.")
    var json = false

    /// Shows a license that was changed.
    ///
    /// An offline license has a new token then, since nothing else of the change reaches the
    /// customer: it is the result, alone on its line.
    func show(
        _ license: LicenseRecord, _ sentence: String, of vendor: Vendor
    ) async throws {
        let token =
            license.terms.mode == .offline ? try await vendor.offlineToken(of: license.id) : nil
        if json {
            var members = license.shown.object ?? [:]
            members["token"] = token.map { .string($0.reveal()) }
            Terminal.print(.object(members))
        } else if let token {
            Terminal.note("\(sentence)\nThe license's new token, for the customer to add:")
            Terminal.print(token.reveal())
        } else {
            Terminal.print(sentence)
        }
    }
}

extension InstanceID: ExpressibleByArgument {
    package init?(argument: String) {
        do { try self.init(argument) } catch { return nil }
    }
}
