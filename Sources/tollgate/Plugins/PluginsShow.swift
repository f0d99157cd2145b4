import ArgumentParser
import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import Gateway
import Packages
import Storage
import TerminalOutput

extension Plugins {
    /// `tollgate plugins show`: the releases of one plugin.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a plugin's releases.")

        @OptionGroup var data: DataFolderOption

        @Argument(help: "The plugin, such as @acme/plugin-audit-log.")
        var name: String

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            let vendor = try data.openVendor()
            let name = try PackageName(name)
            let records = try await vendor.records.releases.allReleases(of: name)
            guard !records.isEmpty else {
                throw StorageError(.recordNotFound, "There is no plugin \(name).")
            }
            if json {
                Terminal.print(.array(records.map(\.shown)))
                return
            }
            Terminal.print(
                TextTable(
                    ["VERSION", "STATE", "CHANNEL", "PUBLISHED", "APPLICATION", "BYTES", "NOTE"],
                    records.map { record in
                        let release = record.release
                        return [
                            release.version.description, record.state.rawValue, release.channel,
                            release.published.formatted(Date.ISO8601FormatStyle()),
                            release.applicationRange?.text ?? "", "\(release.length)",
                            release.yanked.map { "yanked: \($0)" } ?? release.deprecated ?? "",
                        ]
                    }))
        }
    }
}

extension ReleaseRecord {
    /// The release for programs: what the signed metadata says of it.
    fileprivate var shown: JSONValue {
        var members = release.custom.object ?? [:]
        members["state"] = .string(state.rawValue)
        members["length"] = .integer(release.length)
        members["sha512"] = .string(release.sha512.hex)
        return .object(members)
    }
}
