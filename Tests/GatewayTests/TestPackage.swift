import CanonicalJSON
import Glibc
import Storage
import SystemPackage

/// A plugin's tarball, packed by the machine's own `tar`.
struct TestPackage {
    var name: String
    var version: String
    /// The range on the application; nil: none is declared.
    var applicationRange: String? = ">=2.0.0 <3.0.0"
    /// A symbolic link that points out of the package.
    var hasLink = false
    /// Written beside the manifest.
    var content = "exports.start = () => {};\n"

    init(_ name: String, _ version: String) {
        self.name = name
        self.version = version
    }

    /// The tarball's path; every call makes another one.
    func pack(in folder: FilePath) throws -> FilePath {
        let work = folder.appending("pack-\(UInt64.random(in: .min ... .max))")
        let package = work.appending("package")
        try makeFolder(package)
        var manifest: JSONObject = ["name": .string(name), "version": .string(version)]
        if let applicationRange {
            manifest["peerDependencies"] = ["@acme/app": .string(applicationRange)]
        }
        try write(JSONValue.object(manifest).prettyBytes, to: package.appending("package.json"))
        try write(Array(content.utf8), to: package.appending("index.js"))
        if hasLink { symlink("/etc/passwd", package.appending("link").string) }
        let tarball = work.appending("package.tgz")
        let status = system(
            "tar --format=ustar -C '\(work)' -czf '\(tarball)' package")
        guard status == 0 else { throw TestFailure("tar ended with \(status)") }
        return tarball
    }

    private func write(_ bytes: [UInt8], to path: FilePath) throws {
        try replaceFile(path, with: bytes, permissions: [.ownerReadWrite])
    }
}
