import CanonicalJSON
import Diagnostics
import FoundationEssentials
import Gateway
import Packages
import Storage

/// A plugin with its update period as it is written on the command line: `@acme/x@2026-12-31`.
struct GrantArgument {
    let plugin: PackageName
    let day: String?

    /// - Throws: ``PackageError`` `registry.name-invalid`.
    init(_ text: some StringProtocol) throws(PackageError) {
        guard let at = text.lastIndex(of: "@"), at != text.startIndex else {
            plugin = try PackageName(String(text))
            day = nil
            return
        }
        plugin = try PackageName(String(text[..<at]))
        day = String(text[text.index(after: at)...])
    }

    /// The grant, its update period through the end of the day in the customer's zone.
    func grant(in zone: TimeZone) throws -> LicenseTerms.Grant {
        LicenseTerms.Grant(
            plugin: plugin.description,
            updatesUntil: try day.map { try moment($0, ofDay: .end, in: zone) })
    }
}

/// What is sold together, from a JSON file: name, features, limits, plugins with update periods.
struct Plan {
    let name: String
    let features: [String: Int64]
    let limits: [String: Int64]
    let grants: [LicenseTerms.Grant]

    /// - Throws: ``UsageError``.
    init(_ bytes: [UInt8], file: String, in zone: TimeZone) throws(UsageError) {
        do {
            let reader = JSONReader(try parseJSON(bytes))
            name = try reader["name"].string()
            features = try reader.optional("features")?.integersByName() ?? [:]
            limits = try reader.optional("limits")?.integersByName() ?? [:]
            grants = try reader["plugins"].array().map { plugin in
                LicenseTerms.Grant(
                    plugin: try PackageName(plugin["name"].string()).description,
                    updatesUntil: try plugin.optional("updates_until").map {
                        try moment($0.string(), ofDay: .end, in: zone)
                    })
            }
        } catch {
            throw UsageError(
                "The plan \(file) cannot be read.",
                remedy: "Correct the file: name, features, limits, plugins.", cause: error)
        }
    }
}
