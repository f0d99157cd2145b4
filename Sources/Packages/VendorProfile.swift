package import CanonicalJSON
import Diagnostics

/// The signed `vendor.json`: what the fetcher believes about the vendor.
package struct VendorProfile: Hashable, Sendable {
    /// How a release is found for an application version.
    package enum Rule: String, Sendable, CaseIterable {
        /// By the range that a release declares.
        case range
        /// By that too, else by the application's own version.
        case lockstep
    }

    /// Where a customer turns to.
    package struct Links: Hashable, Sendable {
        package var portal: String?
        package var support: String?

        package init(portal: String? = nil, support: String? = nil) {
            self.portal = portal
            self.support = support
        }
    }

    /// For people: `Acme`.
    package var name: String
    /// The application's package, on which plugins have a peer dependency and whose `package.json`
    /// tells the application's version.
    package var hostPackage: PackageName?
    /// The name under `engines` that stands for the application, for plugins without that peer.
    package var engine: String?
    package var rule: Rule
    /// Every channel there is, the ordinary one first.
    package var channels: [String]
    /// Plugins that need no license.
    package var freePlugins: Set<PackageName>
    package var links: Links

    package init(
        name: String, hostPackage: PackageName? = nil, engine: String? = nil, rule: Rule = .range,
        channels: [String] = [Release.latestChannel], freePlugins: Set<PackageName> = [],
        links: Links = Links()
    ) {
        self.name = name
        self.hostPackage = hostPackage
        self.engine = engine
        self.rule = rule
        self.channels = channels
        self.freePlugins = freePlugins
        self.links = links
    }

    /// Reads `vendor.json`; members it does not know are ignored.
    ///
    /// - Throws: ``PackageError`` `registry.vendor-profile-invalid`.
    package init(json: JSONValue) throws(PackageError) {
        do {
            let reader = JSONReader(json)
            name = try reader["name"].string()
            hostPackage = try reader.optional("host_package").map { try PackageName($0.string()) }
            engine = try reader.optional("engine")?.string()
            rule = try reader["rule"].word()
            channels = try reader.optional("channels")?.strings() ?? [Release.latestChannel]
            let free = try reader.optional("free_plugins")?.strings() ?? []
            freePlugins = Set(try free.map { try PackageName($0) })
            let links = try reader.optional("links")
            self.links = Links(
                portal: try links?.optional("portal")?.string(),
                support: try links?.optional("support")?.string())
        } catch {
            throw PackageError(
                .registryVendorProfileInvalid, "vendor.json cannot be read: \(error).",
                cause: error)
        }
    }

    package var json: JSONValue {
        var object: JSONObject = ["name": .string(name)]
        object["host_package"] = hostPackage.map { .string($0.description) }
        object["engine"] = engine.map { .string($0) }
        object["rule"] = .string(rule.rawValue)
        object["channels"] = .array(channels.map { .string($0) })
        object["free_plugins"] = .array(freePlugins.sorted().map { .string($0.description) })
        var links: JSONObject = [:]
        links["portal"] = self.links.portal.map { .string($0) }
        links["support"] = self.links.support.map { .string($0) }
        object["links"] = .object(links)
        return .object(object)
    }
}
