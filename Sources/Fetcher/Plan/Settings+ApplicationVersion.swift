import CanonicalJSON
import Diagnostics
import FoundationEssentials
import Packages
import SystemPackage

extension Settings {
    /// The application's version: as somebody said, else from the `package.json` of the host
    /// package that the vendor names.
    ///
    /// - Throws: `settings.application-version` when neither says it, ``DiskError``.
    func applicationVersion(of vendor: VendorProfile) throws -> ApplicationVersion {
        if let applicationVersion { return applicationVersion }
        guard let host = vendor.hostPackage else {
            throw UsageError(
                "The application's version is not set, and the vendor names no host package.",
                code: .settingsApplicationVersion)
        }
        let current = FilePath(FileManager.default.currentDirectoryPath)
        let file = current.appending("node_modules").appending(host.pathComponents)
            .appending("package.json")
        guard let bytes = try Disk.read(file, maximumBytes: 1 << 20) else {
            throw UsageError(
                "The application's version is not set, and there is no \(file).",
                code: .settingsApplicationVersion)
        }
        do {
            return try ApplicationVersion(JSONReader(parseJSON(bytes))["version"].string())
        } catch {
            throw UsageError(
                "The application's version is not set, and \(file) names none that can be read.",
                code: .settingsApplicationVersion, cause: error)
        }
    }
}
