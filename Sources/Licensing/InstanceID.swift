internal import CanonicalJSON
internal import Cryptography
internal import Diagnostics

/// Which installation of the application this is: `ti_` and 33 characters of Crockford base32.
///
/// 32 of them are the first 160 bits of SHA-256 over the binding facts; the last one checks them.
package struct InstanceID: Hashable, Sendable {
    private let text: String

    /// An ID as somebody wrote it; the case of letters does not matter.
    ///
    /// - Throws: ``LicenseError`` with code `license.instance-id-format`.
    package init(_ text: String) throws(LicenseError) {
        guard text.lowercased().hasPrefix(Self.prefix),
            let groups = CrockfordBase32.decode(text.dropFirst(Self.prefix.count)),
            groups.count == 33
        else {
            throw LicenseError(
                .licenseInstanceID, "\"\(text)\" is not `ti_` and 33 letters and digits.")
        }
        guard Self.check(groups.dropLast()) == groups.last else {
            throw LicenseError(
                .licenseInstanceID, "A character of \"\(text)\" is wrong or two are exchanged.")
        }
        self.text = Self.prefix + CrockfordBase32.encode(groups)
    }

    /// The ID of the instance that these facts are true of.
    ///
    /// A pinned fact that is an Instance ID is that ID: it was copied from another machine.
    package init(facts: InstanceFacts) {
        if let pinned = facts.pinned, let id = try? InstanceID(pinned) {
            self = id
            return
        }
        let digest = Digest.of(.sha256, facts.bindingBytes)
        let groups = CrockfordBase32.groups(of: Array(digest.bytes.prefix(20)))
        self.text = Self.prefix + CrockfordBase32.encode(groups + [Self.check(groups)])
    }

    private static let prefix = "ti_"

    /// The check character: a sum over GF(32) whose weights are the powers of a generator.
    ///
    /// Neighbors have different weights and none is zero, so each single wrong character and each
    /// exchange of neighbors changes it.
    private static func check(_ groups: some Sequence<UInt8>) -> UInt8 {
        groups.reduce(0) { timesGenerator($0 ^ $1) }
    }

    /// Multiplies by x modulo x^5 + x^2 + 1, of which x is a generator.
    private static func timesGenerator(_ value: UInt8) -> UInt8 {
        value & 0b10000 == 0 ? value << 1 : (value << 1 ^ 0b10_0101) & 31
    }
}

extension InstanceID: CustomStringConvertible {
    package var description: String { text }
}
