import ArgumentParser
import Configuration
import Diagnostics
import Gateway
import Glibc
import Storage
import SystemPackage

/// Which gateway a command is about.
struct DataFolderOption: ParsableArguments {
    @Option(name: .customLong("data"), help: "The gateway's data folder.")
    var path = "./tollgate-data"

    var folder: DataFolder { DataFolder(FilePath(path)) }

    /// Opens the data folder with the settings in its `tollgate.yaml`.
    ///
    /// - Throws: ``StorageError`` `gateway.data-folder`.
    func openVendor() async throws -> Vendor {
        try folder.checkComplete()
        return try Vendor(opening: folder, settings: try await settings())
    }

    private func settings() async throws -> VendorSettings {
        do {
            let file = try await FileProvider<YAMLSnapshot>(filePath: folder.settings)
            let settings = ConfigReader(providers: [EnvironmentVariablesProvider(), file])
            return VendorSettings(url: try settings.requiredString(forKey: "url"))
        } catch {
            throw StorageError(
                .dataFolderUnusable, "\(folder.settings) cannot be read.",
                remedy:
                    "Correct the file; it needs a line such as url: \"https://plugins.acme.example\".",
                cause: error)
        }
    }

    /// The person at the command line, for the audit log.
    static var actor: Actor {
        let user = getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) } ?? "\(getuid())"
        return .commandLine(user: user)
    }
}
