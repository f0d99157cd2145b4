import Diagnostics
import FoundationEssentials
import SystemPackage
import YAML

/// The settings of `pkg.yaml`: names and plain values, nothing nested.
struct SettingsFile {
    private let path: FilePath
    private let values: [String: String]

    static let names = [
        "url", "licenseKey", "licenseKeyFile", "appVersion", "linkInto", "instanceId",
        "databaseUrl", "databaseWait", "domains", "timeout", "trustRoot", "caFile",
    ]

    /// No settings, where the file cannot be used.
    init(without path: FilePath) {
        self.path = path
        values = [:]
    }

    /// Reads the file; one that is absent or empty has no settings.
    ///
    /// - Throws: ``UsageError`` with line and reason, or the name that is not known.
    init(_ path: FilePath) throws(UsageError) {
        self.path = path
        let entries: [YAMLMapping.Entry]
        do {
            entries = try YAMLMapping(Disk.read(path, maximumBytes: 1 << 20) ?? []).entries
        } catch {
            throw UsageError("\(path) cannot be read: \(error)", code: .settingsFile)
        }
        var values: [String: String] = [:]
        for entry in entries {
            guard Self.names.contains(entry.name) else {
                throw UsageError(
                    "\(path) has the name “\(entry.name)”, which is no setting.",
                    code: .settingsFile,
                    remedy: "The settings are \(Self.names.joined(separator: ", ")).")
            }
            values[entry.name] = entry.value
        }
        self.values = values
    }

    subscript(name: String) -> Setting? {
        Setting(values[name], from: "\(name) in \(path)")
    }
}
