import CanonicalJSON
import Cryptography
import FoundationEssentials
import Packages

/// Short ways to write releases in tables.
enum Sample {
    static let name = "@acme/plugin-audit-log"

    /// Midnight UTC of a day in 2026.
    static func day(_ month: Int, _ day: Int) -> Date {
        let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        let days = lengths.prefix(month - 1).reduce(0, +) + day - 1
        return Date(timeIntervalSince1970: 1_767_225_600 + Double(days) * 86_400)
    }

    static func release(
        _ version: String, for range: String? = nil, on published: Date = day(1, 1),
        channel: String = "latest", deprecated: String? = nil, yanked: String? = nil,
        name: String = name, signatures: [RegistrySignature] = []
    ) throws -> Release {
        try Release(
            name: PackageName(name), version: SemanticVersion(version), published: published,
            channel: channel, applicationRange: range.map { try VersionRange($0) }, length: 1_234,
            sha512: .of(.sha512, Array(version.utf8)), unpackedSize: 5_678, fileCount: 9,
            deprecated: deprecated, yanked: yanked, signatures: signatures)
    }
}
