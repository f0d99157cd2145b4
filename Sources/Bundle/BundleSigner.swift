import CanonicalJSON
package import Cryptography
import Diagnostics
package import Licensing

/// The gateway's side of an index: what signs it.
package struct BundleSigner: Sendable {
    private let key: PrivateKey
    private let keyID: String

    /// A signer with an Ed25519 key, whose ID is its thumbprint.
    ///
    /// - Throws: ``LicenseError`` `license.key-set` for a key of another type.
    package init(key: PrivateKey) throws(LicenseError) {
        self.key = key
        keyID = try LicenseKeySet.thumbprint(of: key.publicKey)
    }

    /// The index file: an envelope as that of signed metadata, over canonical JSON.
    ///
    /// - Throws: ``BundleError`` `bundle.format` for what cannot be written, `cryptography.failed`.
    package func sign(_ index: BundleIndex) throws(BundleError) -> [UInt8] {
        let signed = index.json
        do {
            let signature = try key.sign(signed.canonicalBytes(), scheme: .ed25519)
            let file: JSONValue = [
                "signatures": [["keyid": .string(keyID), "sig": .string(Hex.encode(signature))]],
                "signed": signed,
            ]
            let bytes = file.compactBytes
            guard bytes.count <= UnverifiedBundleIndex.maximumBytes,
                index.contents.files.count + index.contents.omitted.count
                    <= BundleContents.maximumFiles
            else {
                throw BundleError(
                    .bundleFormat,
                    "An index of \(index.contents.files.count) files is longer than one may be.",
                    remedy: "Make the bundle for one version of the application (--app-version).")
            }
            return bytes
        } catch let error as BundleError {
            throw error
        } catch {
            throw BundleError(
                (error as? any Failure)?.code ?? .bundleFormat, "The index cannot be signed.",
                cause: error)
        }
    }
}
