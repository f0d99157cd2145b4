import Diagnostics
import SignedMetadata
import SystemPackage

/// The first root that is on this machine: the file of `TOLLGATE_TRUST_ROOT`, else
/// `.license/root.json`.
struct LocalRoot {
    let bytes: [UInt8]
    /// Where it lies.
    let path: String

    /// - Returns: nil when there is none
    /// - Throws: `trust.no-root` when the file that is set is not there, ``DiskError``.
    init?(_ settings: Settings) throws {
        if let given = settings.trustRoot {
            guard let bytes = try Disk.read(given) else {
                throw TrustError(
                    .trustNoRoot, "TOLLGATE_TRUST_ROOT names \(given), which is not there.")
            }
            self.bytes = bytes
            path = given.string
        } else {
            guard let bytes = try SavedLicense(settings.storage).root() else { return nil }
            self.bytes = bytes
            path = Self.savedPath(settings)
        }
    }

    /// Where the vendor may bake it.
    static func savedPath(_ settings: Settings) -> String {
        settings.storage.license.appending("root.json").string
    }
}

extension TrustError {
    /// That a first root cannot be used, with where it is from.
    init(firstRoot source: String, cause: TrustError) {
        self.init(
            cause.code, "The first root, \(source), cannot be used.",
            remedy: """
                Put the vendor's root.json there again. Without a copy, delete the file: a license \
                key or an offline token vouches for the root anew.
                """, cause: cause)
    }
}
