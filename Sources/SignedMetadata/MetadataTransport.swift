import Cryptography

/// Where metadata comes from: a gateway, a mirror, a bundle.
///
/// Nothing that it hands out is trusted.
package protocol MetadataTransport: Sendable {
    /// The bytes of a file.
    ///
    /// - Parameters:
    ///   - file: its name, already encoded as one component of a URL's path: `2.root.json`,
    ///     `timestamp.json`, `3.plugin-acme_2faudit-log.json`
    ///   - maximumLength: how many bytes it may have; not one more may be taken from the network
    /// - Returns: nil when there is no such file: HTTP 403 and 404
    /// - Throws: for everything else, so that a broken gateway is never taken for an absent file
    func fetch(_ file: String, maximumLength: Int) async throws -> [UInt8]?
}

/// Where verified metadata is kept between runs.
package protocol MetadataStore: Sendable {
    /// What was saved last, or nil.
    ///
    /// - Parameter role: `root`, `timestamp`, `snapshot`, `targets`, a delegated role's name (any
    ///   text: encode it with ``encodedFileName(_:)``), or `2.root`, `3.root`, … for the roots that
    ///   lead from the given one to the latest
    /// - Returns: the bytes, or nil when nothing was saved
    /// - Throws: when they are there and cannot be read; the client then goes on without them
    func load(_ role: String) throws -> [UInt8]?
    /// Keeps the bytes so that a crash leaves the old ones or the new ones; of roles that are not
    /// ``isTopLevel(_:)`` it may leave anything.
    func save(_ role: String, _ bytes: [UInt8]) throws
    /// Forgets what was saved; nothing happens when there is nothing.
    func remove(_ role: String) throws
}

/// The text with all bytes but letters, digits and `-._~` written as `%2F`: one component of a URL's
/// path, or a file name, whatever the text is (RFC 3986, section 2.3).
package func encodedFileName(_ text: String) -> String {
    var result = ""
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"), UInt8(ascii: "~"):
            result.unicodeScalars.append(Unicode.Scalar(byte))
        default:
            result += "%\(Hex.encode([byte]).uppercased())"
        }
    }
    return result
}

/// The names under which a store keeps the roots between the given one and the latest.
enum RootHistory {
    static func name(ofVersion version: Int64) -> String { "\(version).root" }

    static func isName(_ role: String) -> Bool {
        role.hasSuffix(".root") && role.dropLast(5).allSatisfy { $0.isASCII && $0.isNumber }
    }
}

/// Whether a store keeps one of the four top-level roles under this name, or one of the roots.
package func isTopLevel(_ role: String) -> Bool {
    TopLevelRole(rawValue: role) != nil || RootHistory.isName(role)
}

/// What is never exceeded, whatever the metadata says.
package struct MetadataLimits: Sendable {
    /// W of section 5.3.3, in bytes.
    package var rootLength = 512_000
    /// Y of section 5.3.3: how many new roots one run follows.
    package var rootRotations = 256
    /// X of section 5.4.1, in bytes.
    package var timestampLength = 16_384
    /// Y of section 5.5.1, in bytes; a length that the timestamp signs may be smaller.
    package var snapshotLength = 8_000_000
    /// Z of section 5.6.1, in bytes; a length that the snapshot signs may be smaller.
    package var targetsLength = 16_000_000
    /// How many delegated roles one search visits (section 5.6.7.1).
    package var delegations = 32

    package init() {}
}
