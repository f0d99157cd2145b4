package import CanonicalJSON
package import Cryptography
package import FoundationEssentials
package import Packages
import SystemPackage

/// What the fetcher knows of an installed plugin: the release, and every file as it was written.
///
/// It lies outside the package (`.pkg/receipts/@acme/plugin-x.json`), so that no tarball can bring
/// one along.
package struct Receipt: Equatable, Sendable {
    package struct File: Equatable, Sendable {
        /// Below the plugin's folder, with `/`.
        package let path: String
        /// In bytes.
        package let size: Int64
        /// In nanoseconds since 1970, as the file system keeps it.
        package let modified: Int64
        package let sha512: Digest

        package init(path: String, size: Int64, modified: Int64, sha512: Digest) {
            self.path = path
            self.size = size
            self.modified = modified
            self.sha512 = sha512
        }
    }

    package let name: PackageName
    package let version: SemanticVersion
    /// The digest of the tarball that was verified and unpacked.
    package let tarball: Digest
    package let installed: Date
    package let files: [File]
    /// The version that an operator rolled back from; it is not installed again by itself.
    package var rolledBackFrom: SemanticVersion?

    package init(
        name: PackageName, version: SemanticVersion, tarball: Digest, installed: Date,
        files: [File], rolledBackFrom: SemanticVersion? = nil
    ) {
        self.name = name
        self.version = version
        self.tarball = tarball
        self.installed = installed
        self.files = files
        self.rolledBackFrom = rolledBackFrom
    }
}

extension Receipt {
    package var json: JSONValue {
        var json: JSONObject = [
            "schema": 1,
            "name": .string(name.description),
            "version": .string(version.description),
            "tarball_sha512": .string(tarball.hex),
            "installed": .integer(Int64(installed.timeIntervalSince1970)),
        ]
        json["rolled_back_from"] = rolledBackFrom.map { .string($0.description) }
        json["files"] = .array(
            files.map { file in
                [
                    "path": .string(file.path), "size": .integer(file.size),
                    "modified_ns": .integer(file.modified), "sha512": .string(file.sha512.hex),
                ]
            })
        return .object(json)
    }

    /// Reads a receipt back.
    ///
    /// - Throws: ``JSONError``, or a ``PackageError`` for a name or version that is none.
    package init(json: JSONValue) throws {
        let reader = JSONReader(json)
        name = try PackageName(reader["name"].string())
        version = try SemanticVersion(reader["version"].string())
        tarball = try reader["tarball_sha512"].sha512()
        installed = Date(timeIntervalSince1970: TimeInterval(try reader["installed"].integer()))
        rolledBackFrom = try reader.optional("rolled_back_from").map {
            try SemanticVersion($0.string())
        }
        var files: [File] = []
        for file in try reader["files"].array() {
            files.append(
                File(
                    path: try file["path"].string(), size: try file["size"].integer(),
                    modified: try file["modified_ns"].integer(),
                    sha512: try file["sha512"].sha512()))
        }
        self.files = files
    }
}

extension JSONReader {
    /// A SHA-512 in hexadecimal.
    fileprivate func sha512() throws(JSONError) -> Digest {
        guard let digest = Digest(.sha512, hex: try string()) else { throw failure(.invalidValue) }
        return digest
    }
}
