package import CanonicalJSON
package import Cryptography
import Diagnostics
package import FoundationEssentials

/// What is in a bundle, and for whom it was chosen.
package struct BundleContents: Sendable, Hashable {
    /// One file, by the name that a gateway answers to.
    package struct File: Sendable, Hashable {
        /// `metadata/3.targets.json`, `targets/@acme/plugin-x/-/HASH.plugin-x-2.1.0.tgz`,
        /// `license.jwt`.
        package let path: String
        /// In bytes.
        package let length: Int64
        package let sha512: Digest

        package init(path: String, length: Int64, sha512: Digest) {
            self.path = path
            self.length = length
            self.sha512 = sha512
        }

        package init(path: String, of bytes: [UInt8]) {
            self.init(
                path: path, length: Int64(bytes.count), sha512: Digest.of(.sha512, bytes))
        }

        /// What it is called in the tar: its hash in two parts, which fit into a ustar header.
        var entryName: String { "files/\(sha512.hex.prefix(64))/\(sha512.hex.suffix(64))" }
    }

    /// The earlier bundle that a difference goes on from.
    package struct Base: Sendable, Hashable {
        /// Of its index file.
        package let index: Digest
        package let created: Date

        package init(index: Digest, created: Date) {
            self.index = index
            self.created = created
        }
    }

    /// The versions of the application that releases were chosen for; none: every release that the
    /// license covers.
    package let applicationVersions: [String]
    package let base: Base?
    /// In the bundle's order.
    package let files: [File]
    /// What the earlier bundle has, and this one would have without it.
    package let omitted: [File]

    package init(
        applicationVersions: [String], base: Base? = nil, files: [File], omitted: [File] = []
    ) {
        self.applicationVersions = applicationVersions
        self.base = base
        self.files = files
        self.omitted = omitted
    }
}

extension BundleContents {
    /// What a license token in a bundle is called.
    package static let tokenPath = "license.jwt"
    /// How many files an index may list.
    package static let maximumFiles = 10_000

    /// As members of an index, and as what a gateway is asked to sign.
    package var members: JSONObject {
        var members: JSONObject = [
            "application_versions": .array(applicationVersions.map { .string($0) }),
            "files": .array(files.map(\.json)),
            "omitted": .array(omitted.map(\.json)),
        ]
        members["base"] = base.map {
            ["index_sha512": .string($0.index.hex), "created": .string($0.created.wireText)]
        }
        return members
    }

    /// Reads the members.
    ///
    /// - Throws: ``JSONError`` for one that is missing or wrong, for a path twice and for more files
    ///   than an index may list.
    package init(_ reader: JSONReader) throws(JSONError) {
        applicationVersions = try reader["application_versions"].strings()
        if let base = try reader.optional("base") {
            let index = try base["index_sha512"]
            guard let digest = Digest(.sha512, hex: try index.string()) else {
                throw index.failure(.invalidValue)
            }
            self.base = Base(index: digest, created: try base["created"].wireDate())
        } else {
            base = nil
        }
        var paths: Set<String> = []
        files = try Self.files(reader["files"], &paths)
        omitted = try Self.files(reader["omitted"], &paths)
    }

    private static func files(
        _ reader: JSONReader, _ paths: inout Set<String>
    ) throws(JSONError) -> [File] {
        var files: [File] = []
        for entry in try reader.array() {
            let path = try entry["path"].nonEmptyString()
            let hash = try entry["sha512"]
            guard let sha512 = Digest(.sha512, hex: try hash.string()) else {
                throw hash.failure(.invalidValue)
            }
            guard paths.insert(path).inserted else { throw entry.failure(.duplicateMember) }
            guard paths.count <= maximumFiles else { throw reader.failure(.invalidValue) }
            files.append(File(path: path, length: try entry["length"].count(), sha512: sha512))
        }
        return files
    }
}

extension BundleContents.File {
    fileprivate var json: JSONValue {
        ["path": .string(path), "length": .integer(length), "sha512": .string(sha512.hex)]
    }
}

extension BundleContents {
    private static let tarballSuffix = ".tgz"

    /// The tarballs among the files.
    package var tarballs: [File] { files.filter { $0.path.hasSuffix(Self.tarballSuffix) } }

    /// That no release is in it, and why; nil when there is one.
    package var emptiness: String? {
        guard tarballs.isEmpty, omitted.isEmpty else { return nil }
        return applicationVersions.isEmpty
            ? "No release is in the bundle: the license covers none."
            : "No release is in the bundle: none that the license covers is for "
                + "\(applicationVersions.joined(separator: ", "))."
    }

    /// One sentence about it for people.
    ///
    /// - Parameter path: where it lies
    /// - Returns: how many releases, for what, and their size
    package func summary(of path: String) -> String {
        let tarballs = tarballs
        let size = ByteCount(tarballs.reduce(0) { $0 + $1.length })
        let versions =
            applicationVersions.isEmpty ? "" : " for \(applicationVersions.joined(separator: ", "))"
        let left = omitted.isEmpty ? "" : "; \(omitted.count) are in the bundle before it"
        return """
            \(path): \(tarballs.count) release\(tarballs.count == 1 ? "" : "s")\(versions), \
            \(size)\(left).
            """
    }
}
