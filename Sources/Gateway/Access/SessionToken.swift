import Cryptography
import Diagnostics
import FoundationEssentials
import Storage

/// What NocoBase's command line gets for its access key pair, at each start of a container.
///
/// `tgs_`, the end in seconds since 1970, the pair's ID, and an HMAC-SHA-256 over both: nothing of it
/// is written down, however often containers start, and it ends with the pair.
struct SessionToken: Sendable {
    let accessKey: String
    let ends: Date
    private let text: String
    private let mac: [UInt8]

    private static let prefix = "tgs_"
    /// A container downloads within minutes; NocoBase asks for another at each start.
    private static let lifetime: TimeInterval = 24 * 3600

    static func isToken(_ text: String) -> Bool { text.hasPrefix(prefix) }

    /// A token for a pair.
    static func make(
        for key: AccessKeyRecord, secret: Secret<[UInt8]>, at now: Date
    ) -> Secret<String> {
        let ends = Int64(now.addingTimeInterval(lifetime).timeIntervalSince1970)
        let text = "\(prefix)\(ends).\(key.id)"
        let mac = HMAC.sha256(key: secret, message: Array(text.utf8))
        return Secret("\(text).\(Base64URL.encode(mac))")
    }

    /// Reads one that is not over; nil for another text.
    init?(_ token: String, at now: Date) {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let seconds = Int64(parts[0].dropFirst(Self.prefix.count)),
            let mac = Base64URL.decode(String(parts[2]))
        else { return nil }
        ends = Date(timeIntervalSince1970: TimeInterval(seconds))
        guard now < ends else { return nil }
        accessKey = String(parts[1])
        text = "\(parts[0]).\(parts[1])"
        self.mac = mac
    }

    func isSigned(with secret: Secret<[UInt8]>) -> Bool {
        constantTimeEqual(mac, HMAC.sha256(key: secret, message: Array(text.utf8)))
    }
}

extension VendorKeys {
    /// What the sessions of a pair are signed with: another one once the pair is replaced.
    func sessionSecret(of key: AccessKeyRecord) -> Secret<[UInt8]> {
        Secret(
            HMAC.sha256(
                key: installations, message: Array("session:\(key.id):\(key.digest.hex)".utf8)))
    }

    /// The secret part of a license's key.
    ///
    /// It follows from the license's ID, so that the customer can be given the key again who shows
    /// its access key pair, and the database still holds digests only.
    func licenseKeySecret(_ license: String) -> [UInt8] {
        HMAC.sha256(key: installations, message: Array("license-key:\(license)".utf8))
    }
}
