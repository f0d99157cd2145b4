package import Cryptography
package import Diagnostics

/// What a customer pastes: `tg_` (standard) or `tg_ag_` (airgapped) and 26 characters.
///
/// The characters are Crockford base32, 130 bits:
///
/// | bits | what |
/// |---|---|
/// | 70 | secret: nobody guesses a key |
/// | 45 | ``RootFingerprint``: the first contact with a gateway can be checked |
/// | 15 | checksum over prefix, secret and fingerprint: a cut-off or mistyped paste is noticed here |
package struct LicenseKey: Hashable, Sendable {
    package enum Mode: String, Hashable, Sendable, CaseIterable {
        case standard
        case airgapped

        var prefix: String {
            switch self {
            case .standard: "tg_"
            case .airgapped: "tg_ag_"
            }
        }

        /// What the checksum begins with, so that a key with the other prefix is another key.
        var checksumStart: UInt16 {
            switch self {
            case .standard: 0x0001
            case .airgapped: 0x4A17
            }
        }
    }

    package let mode: Mode
    /// Which vendor's trust root the key was issued under.
    package let rootFingerprint: RootFingerprint
    /// The key in its one spelling: upper-case characters behind the lower-case prefix.
    package let text: Secret<String>

    /// A key as somebody pasted it; space around it and the case of letters do not matter.
    ///
    /// - Throws: ``LicenseError`` with code `license.key-format`.
    package init(_ text: String) throws(LicenseError) {
        let pasted = text.trimmed
        let lowercased = pasted.lowercased()
        // The longer prefix first, since the shorter one is its beginning.
        guard
            let mode = [Mode.airgapped, .standard].first(where: {
                lowercased.hasPrefix($0.prefix)
            })
        else {
            throw LicenseError(
                .licenseKeyFormat,
                pasted.isEmpty
                    ? "Nothing was pasted." : "The text does not begin with `tg_` or `tg_ag_`.")
        }
        let characters = pasted.dropFirst(mode.prefix.count)
        guard characters.count == Self.characterCount else {
            throw LicenseError(
                .licenseKeyFormat,
                """
                A key has \(Self.characterCount) characters after `\(mode.prefix)`; this text has \
                \(characters.count).
                """)
        }
        guard let groups = CrockfordBase32.decode(characters) else {
            throw LicenseError(
                .licenseKeyFormat,
                "The text has a character that no key has: only 0-9 and A-Z without U are used.")
        }
        guard Self.checksum(of: groups, mode: mode) == 0 else {
            throw LicenseError(
                .licenseKeyFormat,
                "The key's checksum does not fit: a character is wrong or two are exchanged.")
        }
        self.init(groups: groups, mode: mode)
    }

    /// A new key.
    ///
    /// - Parameters:
    ///   - mode: how the license will be used
    ///   - secretBytes: nine random bytes, of which the first 70 bits are used
    ///   - rootFingerprint: that of the vendor's `1.root.json`
    /// - Returns: the key, with its checksum.
    package static func make(
        mode: Mode, secretBytes: [UInt8], rootFingerprint: RootFingerprint
    ) -> LicenseKey {
        precondition(secretBytes.count >= 9, "a license key needs nine random bytes")
        var groups = Array(CrockfordBase32.groups(of: secretBytes).prefix(secretCount))
        groups += (0..<fingerprintCount).reversed().map {
            UInt8(rootFingerprint.bits >> (5 * UInt64($0)) & 31)
        }
        let checksum = checksum(of: groups + [0, 0, 0], mode: mode)
        groups += [10, 5, 0].map { UInt8(checksum >> $0 & 31) }
        return LicenseKey(groups: groups, mode: mode)
    }

    private init(groups: [UInt8], mode: Mode) {
        self.mode = mode
        self.text = Secret(mode.prefix + CrockfordBase32.encode(groups))
        let fingerprint = groups[Self.secretCount..<Self.secretCount + Self.fingerprintCount]
        self.rootFingerprint = RootFingerprint(
            bits: fingerprint.reduce(0) { $0 << 5 | UInt64($1) })
    }

    private static let secretCount = 14
    private static let fingerprintCount = RootFingerprint.bitCount / 5
    private static let characterCount = secretCount + fingerprintCount + 3

    /// The remainder of CRC-15/CAN (ISO 11898-1), which is zero over a whole key.
    ///
    /// A remainder of 15 bits notices every burst of errors up to 15 bits: each wrong character
    /// (5 bits) and each pair of exchanged neighbors (10 bits).
    private static func checksum(of groups: [UInt8], mode: Mode) -> UInt16 {
        var remainder = mode.checksumStart
        for group in groups {
            for shift in [4, 3, 2, 1, 0] {
                let carry = remainder & 0x4000 != 0
                remainder = (remainder << 1 | UInt16(group >> shift & 1)) & 0x7FFF
                if carry { remainder ^= 0x4599 }
            }
        }
        return remainder
    }
}

extension LicenseKey {
    /// What the gateway stores and looks a license up by: SHA-256 of the key in its one spelling.
    package var lookupDigest: Digest { Digest.of(.sha256, Array(text.reveal().utf8)) }

    /// What the signed answer to an activation repeats: that it is this key's, and this question's.
    ///
    /// Without it whoever stands between could answer with a license of its own.
    ///
    /// - Parameter nonce: the question's
    /// - Returns: base64url of HMAC-SHA-256 over the nonce, keyed by the key's text.
    package func proof(nonce: String) -> String {
        let key = Secret(Array(text.reveal().utf8))
        return Base64URL.encode(HMAC.sha256(key: key, message: Array(nonce.utf8)))
    }

    /// Whether the key was issued under this trust root.
    ///
    /// - Parameter root: the exact bytes of `1.root.json`
    /// - Returns: true when the fingerprints agree.
    /// - Throws: ``CryptographyError`` when there is no memory for it.
    package func matches(root: [UInt8]) throws(CryptographyError) -> Bool {
        try RootFingerprint(of: root) == rootFingerprint
    }

    /// Refuses a trust root that the key was not issued under.
    ///
    /// - Parameter root: the exact bytes of `1.root.json`
    /// - Throws: ``LicenseError`` with code `license.foreign-vendor`, or `cryptography.failed`.
    package func requireIssued(under root: [UInt8]) throws(LicenseError) {
        let isMatch: Bool
        do {
            isMatch = try matches(root: root)
        } catch {
            throw LicenseError(
                error.code, "The trust root's fingerprint cannot be worked out.", cause: error)
        }
        guard isMatch else {
            throw LicenseError(
                .licenseForeignVendor,
                "The trust root offered is not the one whose fingerprint the license key carries.")
        }
    }
}

extension LicenseKey: CustomStringConvertible {
    package var description: String { "\(mode.prefix)•••" }
}
