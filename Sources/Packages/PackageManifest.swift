package import CanonicalJSON
import Diagnostics

/// A `package.json`: the fields that decide something, and all of it as it was written.
package struct PackageManifest: Hashable, Sendable {
    package let name: PackageName
    package let version: SemanticVersion
    package let description: String?
    package let license: String?
    /// Package name and range, in the order written.
    package let peerDependencies: [(name: String, range: String)]
    /// Engine and range, in the order written.
    package let engines: [(name: String, range: String)]
    /// All members, also those that nobody here knows.
    package let raw: JSONObject

    /// Reads a `package.json`.
    ///
    /// - Throws: ``PackageError`` `registry.manifest-invalid`, `registry.name-invalid`,
    ///   `registry.version-invalid`; a version must be written in its normal form, because it is
    ///   compared as text with what was signed.
    package init(json: JSONValue) throws(PackageError) {
        let nameText: String
        let versionText: String
        do {
            let reader = JSONReader(json)
            raw = try reader.object()
            nameText = try reader["name"].string()
            versionText = try reader["version"].string()
            description = try reader.optional("description")?.string()
            peerDependencies = try Self.ranges(reader, "peerDependencies")
            engines = try Self.ranges(reader, "engines")
        } catch {
            throw PackageError(
                .registryManifestInvalid, "package.json cannot be read: \(error).", cause: error)
        }
        // Before SPDX expressions a license was an object with a type; npm still meets them.
        license = json["license"]?.string ?? json["license"]?["type"]?.string
        name = try PackageName(nameText)
        version = try SemanticVersion(versionText)
        guard version.description == versionText else {
            throw PackageError(
                .registryVersionInvalid,
                "package.json of \(name) writes its version \(quoted(versionText)); "
                    + "it must be written \(version).")
        }
    }

    /// Parses and reads a `package.json`.
    ///
    /// - Throws: ``PackageError`` as ``init(json:)``.
    package init(bytes: [UInt8]) throws(PackageError) {
        let json: JSONValue
        do {
            json = try parseJSON(bytes)
        } catch {
            throw PackageError(
                .registryManifestInvalid, "package.json is not JSON: \(error).", cause: error)
        }
        try self.init(json: json)
    }

    /// The application versions that the plugin is made for: its peer dependency on the host
    /// package, else the named engine; nil when it says neither.
    ///
    /// - Throws: ``PackageError`` `registry.range-invalid`.
    package func applicationRange(for vendor: VendorProfile) throws(PackageError) -> VersionRange? {
        let host = vendor.hostPackage?.description
        let peer = peerDependencies.first { $0.name == host }
        guard let declared = peer ?? engines.first(where: { $0.name == vendor.engine }) else {
            return nil
        }
        do {
            return try VersionRange(declared.range)
        } catch {
            throw PackageError(
                .registryRangeInvalid,
                "\(name)@\(version) is made for \(declared.name) "
                    + "\(quoted(declared.range)), which is no range that npm knows.",
                cause: error)
        }
    }

    private static func ranges(
        _ reader: JSONReader, _ name: String
    ) throws(JSONError) -> [(name: String, range: String)] {
        guard let member = try reader.optional(name) else { return [] }
        var ranges: [(name: String, range: String)] = []
        for (name, range) in try member.members() {
            ranges.append((name, try range.string()))
        }
        return ranges
    }
}

extension PackageManifest {
    package static func == (left: PackageManifest, right: PackageManifest) -> Bool {
        left.raw == right.raw
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(raw)
    }
}
