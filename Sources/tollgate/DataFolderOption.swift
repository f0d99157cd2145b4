import ArgumentParser
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
    /// - Throws: ``StorageError`` `gateway.data-folder`, ``UsageError`` for its settings.
    func openVendor() throws -> Vendor {
        try folder.checkComplete()
        return try Vendor(opening: folder, settings: try VendorSettings(reading: folder.settings))
    }

    /// The person at the command line, for the audit log.
    static var actor: Actor {
        let user = getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) } ?? "\(getuid())"
        return .commandLine(user: user)
    }
}
