package import CanonicalJSON

/// Where an installation runs, as far as its vendor is told.
package struct CheckInEnvironment: Hashable, Sendable {
    /// The application's version, when it is known.
    package let applicationVersion: String?
    /// Operating system and processor: `linux/x86_64`.
    package let platform: String
    package let pkgVersion: String
    /// Where the application is served, when it said so; the gateway keeps it for its vendor to see.
    package let domains: [String]

    package init(
        applicationVersion: String?, platform: String, pkgVersion: String, domains: [String] = []
    ) {
        self.applicationVersion = applicationVersion
        self.platform = platform
        self.pkgVersion = pkgVersion
        self.domains = domains
    }

    init(_ reader: JSONReader) throws(JSONError) {
        self.applicationVersion = try reader.optional("application_version")?.shortString()
        self.platform = try reader["platform"].shortString()
        self.pkgVersion = try reader["pkg_version"].shortString()
        var domains: [String] = []
        for element in try reader.optional("domains")?.array() ?? [] {
            domains.append(try element.shortString())
        }
        self.domains = domains
    }

    package var json: JSONValue {
        var object: JSONObject = [:]
        object["application_version"] = applicationVersion.map { .string($0) }
        object["platform"] = .string(platform)
        object["pkg_version"] = .string(pkgVersion)
        object["domains"] = .array(domains.map { .string($0) })
        return .object(object)
    }
}
