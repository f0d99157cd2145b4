import CanonicalJSON
import Packages
import Storage

extension Vendor {
    /// The packument with these releases, as bytes to send.
    ///
    /// - Throws: ``PackageError``.
    func packument(of name: PackageName, _ records: [ReleaseRecord]) throws -> [UInt8] {
        let entries = try records.map { record in
            try Packument.Entry(
                release: record.release, manifest: PackageManifest(json: record.manifest),
                shasum: record.sha1)
        }
        return Packument(name: name, entries: entries).json(baseURL: settings.url).compactBytes
    }
}
