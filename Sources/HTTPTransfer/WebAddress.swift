internal import CCurl
import Diagnostics

/// An absolute http or https URL, read and normalized by curl's own parser.
///
/// Printing it shows neither user name and password nor the values of its query, which carry the
/// secrets of presigned addresses.
package struct WebAddress: Sendable {
    /// The URL as it goes on the wire: no user name, password or fragment.
    package let text: String
    /// `http` or `https`.
    package let scheme: String
    /// In lower case; an IPv6 address in brackets.
    package let host: String
    package let port: Int
    /// The user name and password that stood in the URL.
    let credentials: Secret<Credentials>?
    private let printable: String

    struct Credentials: Sendable {
        let user: String
        let password: String
    }

    /// Reads an absolute URL; anything else is `network.url-invalid`.
    package init(_ text: String) throws(NetworkError) {
        self = try CurlURL().reading(text, flags: 0)
    }

    /// The address that a `Location` names, seen from here (RFC 3986 section 5).
    ///
    /// User name and password in it are dropped: no server may choose whom we claim to be.
    func resolving(_ location: String) throws(NetworkError) -> WebAddress {
        let url = try CurlURL()
        _ = try url.reading(text, flags: 0)
        // A Location with spaces or UTF-8 in it is common, and encoded as browsers do.
        let target = try url.reading(location, flags: UInt32(CURLU_URLENCODE))
        return target.carrying(nil)
    }

    func carrying(_ credentials: Secret<Credentials>?) -> WebAddress {
        WebAddress(text: text, scheme: scheme, host: host, port: port, credentials: credentials)
    }

    /// Scheme, host and port (RFC 6454).
    var origin: String { "\(scheme)://\(host):\(port)" }

    /// Whether credentials for the one may be sent to the other.
    func isSameOrigin(as other: WebAddress) -> Bool { origin == other.origin }

    fileprivate init(
        text: String, scheme: String, host: String, port: Int, credentials: Secret<Credentials>?
    ) {
        self.text = text
        self.scheme = scheme
        self.host = host
        self.port = port
        self.credentials = credentials
        let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        printable = String(parts[0]) + (parts.count > 1 ? "?•••" : "")
    }
}

extension WebAddress: CustomStringConvertible, CustomReflectable {
    package var description: String { printable }
    package var customMirror: Mirror { Mirror(self, children: ["url": printable]) }
}

/// The one owner of a CURLU.
private struct CurlURL: ~Copyable {
    private let pointer: OpaquePointer

    init() throws(NetworkError) {
        guard let pointer = curl_url() else { throw .outOfMemory }
        self.pointer = pointer
    }

    deinit { curl_url_cleanup(pointer) }

    /// Sets the URL, which may be relative to the one set before, and reads its parts.
    func reading(_ text: String, flags: UInt32) throws(NetworkError) -> WebAddress {
        // An error names no more than the host: what is not parsed could hold a password anywhere.
        let hasNUL = text.utf8.contains(0)
        let result =
            hasNUL ? CURLUE_MALFORMED_INPUT : curl_url_set(pointer, CURLUPART_URL, text, flags)
        guard result == CURLUE_OK else {
            let reason = String(cString: curl_url_strerror(result))
            throw NetworkError(
                .networkURLInvalid,
                "An address of \(text.utf8.count) bytes cannot be read as a URL: \(reason).")
        }
        let scheme = part(CURLUPART_SCHEME)?.lowercased() ?? ""
        guard scheme == "http" || scheme == "https" else {
            throw NetworkError(
                .networkURLInvalid, "An address begins with \(scheme)://, not with https://.")
        }
        guard
            let host = part(CURLUPART_HOST)?.lowercased(), !host.isEmpty,
            let port = part(CURLUPART_PORT, UInt32(CURLU_DEFAULT_PORT)).flatMap({ Int($0) })
        else {
            throw NetworkError(.networkURLInvalid, "An address has no host or no valid port.")
        }
        var credentials: Secret<WebAddress.Credentials>?
        if let user = part(CURLUPART_USER, UInt32(CURLU_URLDECODE)) {
            let password = part(CURLUPART_PASSWORD, UInt32(CURLU_URLDECODE)) ?? ""
            credentials = Secret(WebAddress.Credentials(user: user, password: password))
        }
        for unsent in [CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_FRAGMENT] {
            guard curl_url_set(pointer, unsent, nil, 0) == CURLUE_OK else { throw .outOfMemory }
        }
        guard let clean = part(CURLUPART_URL) else { throw .outOfMemory }
        return WebAddress(
            text: clean, scheme: scheme, host: host, port: port, credentials: credentials)
    }

    private func part(_ part: CURLUPart, _ flags: UInt32 = 0) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(pointer, part, &text, flags) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }
}

extension NetworkError {
    /// curl could not allocate what it needs.
    static var outOfMemory: NetworkError {
        NetworkError(.unexpected, "libcurl could not allocate a handle.")
    }
}

extension StringProtocol {
    /// Without the spaces, tabs and line ends around it (RFC 9110's OWS).
    func trimmingSpaces() -> SubSequence {
        // CR LF is one Character.
        let isSpace: (Character) -> Bool = { [" ", "\t", "\r\n", "\r", "\n"].contains($0) }
        let start = self.drop(while: isSpace)
        guard let end = start.lastIndex(where: { !isSpace($0) }) else {
            return start[start.endIndex...]
        }
        return start[...end]
    }
}
