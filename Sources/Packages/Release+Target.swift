package import CanonicalJSON
package import Cryptography
import Diagnostics
import FoundationEssentials

extension Release {
    /// Reads the release behind a target of the signed metadata.
    ///
    /// - Throws: ``PackageError`` `registry.release-invalid`: a member is missing or wrong, or the
    ///   path is not that of the name and version.
    package init(
        targetPath: String, length: Int64, sha512: Digest, custom: JSONValue
    ) throws(PackageError) {
        do {
            let reader = JSONReader(custom)
            let fileCount = try reader["file_count"]
            guard let count = Int(exactly: try fileCount.integer()) else {
                throw fileCount.failure(.invalidValue)
            }
            try self.init(
                name: PackageName(reader["name"].string()),
                version: SemanticVersion(reader["version"].string()),
                published: reader["published"].wireDate(),
                channel: reader["channel"].string(),
                applicationRange: reader.optional("application_range")
                    .map { try VersionRange($0.string()) },
                length: length,
                sha512: sha512,
                unpackedSize: reader["unpacked_size"].integer(),
                fileCount: count,
                deprecated: reader.optional("deprecated")?.string(),
                yanked: reader.optional("yanked")?.string(),
                tags: Set(reader.optional("tags")?.strings() ?? []),
                signatures: reader.optional("signatures")?.array()
                    .map { try RegistrySignature($0) } ?? [])
        } catch {
            throw PackageError(
                .registryReleaseInvalid,
                "What the metadata says of \(quoted(targetPath)) cannot be read: "
                    + "\(error).", cause: error)
        }
        guard self.targetPath == targetPath else {
            throw PackageError(
                .registryReleaseInvalid,
                "The metadata describes \(name)@\(version) under the path "
                    + "\(quoted(targetPath)), which is another's.")
        }
    }

    /// The `custom` of the release's target, all but path, length and hash.
    package var custom: JSONValue {
        var object: JSONObject = [
            "name": .string(name.description),
            "version": .string(version.description),
            "published": .string(published.wireText),
            "channel": .string(channel),
        ]
        object["application_range"] = applicationRange.map { .string($0.text) }
        object["unpacked_size"] = .integer(unpackedSize)
        object["file_count"] = .integer(Int64(fileCount))
        object["deprecated"] = deprecated.map { .string($0) }
        object["yanked"] = yanked.map { .string($0) }
        object["tags"] = tags.isEmpty ? nil : .array(tags.sorted().map { .string($0) })
        object["signatures"] = .array(signatures.map(\.json))
        return .object(object)
    }
}
