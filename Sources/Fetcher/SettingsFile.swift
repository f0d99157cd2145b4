import Diagnostics
import FoundationEssentials
import SystemPackage
import Yams

/// The settings of `pkg.yaml`: names and plain values, nothing nested.
struct SettingsFile {
    private let path: FilePath
    private let values: [String: String]

    static let names = [
        "url", "licenseKey", "appVersion", "linkInto", "instanceId", "databaseUrl", "databaseWait",
        "domains", "trustRoot", "caFile",
    ]

    /// Reads the file; one that is absent or empty has no settings.
    ///
    /// - Throws: ``UsageError`` with the parser's line and reason, or the name that is not known.
    init(_ path: FilePath) throws(UsageError) {
        self.path = path
        let node: Node?
        do {
            guard let bytes = try Disk.read(path, maximumBytes: 1 << 20) else {
                values = [:]
                return
            }
            node = try Yams.compose(yaml: String(decoding: bytes, as: UTF8.self))
        } catch {
            throw UsageError("\(path) cannot be read: \(error)", cause: nil)
        }
        guard let node, node.null == nil else {
            values = [:]
            return
        }
        guard let mapping = node.mapping else {
            throw UsageError("\(path) is not a list of “name: value” lines.")
        }
        var values: [String: String] = [:]
        for (key, value) in mapping {
            let name = key.scalar?.string ?? ""
            guard Self.names.contains(name) else {
                throw UsageError(
                    "\(path) has the name “\(name)”, which is no setting.",
                    remedy: "The settings are \(Self.names.joined(separator: ", ")).")
            }
            guard let text = value.scalar?.string else {
                throw UsageError("\(name) in \(path) is not one plain value.")
            }
            values[name] = value.null == nil ? text : nil
        }
        self.values = values
    }

    subscript(name: String) -> Setting? {
        Setting(values[name], from: "\(name) in \(path)")
    }
}
