import CanonicalJSON
package import Cryptography
import Diagnostics
package import FoundationEssentials
import Licensing
import SignedMetadata

/// An index as it came: its form is right, and nothing that it says may be believed but to find out
/// where the keys are that may sign it.
package struct UnverifiedBundleIndex: Sendable {
    /// How many bytes an index may have: some seven thousand files.
    ///
    /// It is read before anybody's signature is looked at.
    package static let maximumBytes = 2 << 20

    /// What it says, signed by nobody.
    package let claimed: BundleIndex
    /// Of the file, by which a difference names the bundle that it goes on from.
    package let sha512: Digest
    private let signatures: [(keyID: String, signature: [UInt8])]
    private let signedBytes: [UInt8]

    /// Reads an index file.
    ///
    /// - Throws: `bundle.format`
    package init(_ bytes: [UInt8]) throws(BundleError) {
        do {
            let reader = JSONReader(try parseJSON(bytes))
            signatures = try reader["signatures"].array().map { entry in
                let signature = try entry["sig"]
                guard let decoded = Hex.decode(try signature.string()) else {
                    throw signature.failure(.invalidValue)
                }
                return (try entry["keyid"].string(), decoded)
            }
            let signed = try reader["signed"]
            claimed = try BundleIndex(signed)
            signedBytes = try signed.value.canonicalBytes()
        } catch {
            throw BundleError(.bundleFormat, "The bundle's index cannot be read.", cause: error)
        }
        sha512 = Digest.of(.sha512, bytes)
    }

    /// Verifies the signature and the times.
    ///
    /// - Parameters:
    ///   - keys: those that the signed target `keys/bundle.json` lists
    ///   - now: the time that both times are compared with
    /// - Returns: what it says
    /// - Throws: `bundle.signature`, `bundle.expired`, `bundle.not-yet-valid`; `bundle.format` for a
    ///   time that is longer than any bundle's.
    package func verified(
        by keys: BundleKeys, now: Date
    ) throws(BundleError) -> BundleIndex {
        let isSigned = signatures.contains { keyID, signature in
            keys[keyID]?.isValidSignature(signature, of: signedBytes, scheme: .ed25519) ?? false
        }
        guard isSigned else {
            let names = signatures.map { quoted($0.keyID) }.joined(separator: ", ")
            throw BundleError(
                .bundleSignature,
                names.isEmpty
                    ? "The bundle's index has no signature."
                    : "The bundle's index is signed with \(names); none is the vendor's or fits.")
        }
        let statement = claimed.statement
        let life = statement.expires.timeIntervalSince(statement.created)
        guard life <= Double(BundleIndex.maximumDays) * 86_400 else {
            throw BundleError(
                .bundleFormat,
                """
                The bundle of \(statement.created.wireText) says that it is good until \
                \(statement.expires.wireText), for longer than any bundle may be.
                """)
        }
        guard statement.expires > now else {
            throw BundleError(
                .bundleExpired,
                """
                The bundle of \(statement.created.wireText) was good until \
                \(statement.expires.wireText); it is \(now.wireText) here.
                """)
        }
        // Two machines' clocks differ; a gateway's and this one's by less than this.
        guard statement.created <= now.addingTimeInterval(Self.clockTolerance) else {
            throw BundleError(
                .bundleNotYetValid,
                """
                The bundle was made at \(statement.created.wireText); it is \(now.wireText) here.
                """)
        }
        return claimed
    }

    /// In seconds.
    private static let clockTolerance: TimeInterval = 600
}
