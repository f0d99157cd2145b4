import Diagnostics

/// A whole answer, its body in memory.
package struct HTTPResponse: Sendable {
    package let status: Int
    /// The header fields in the order of arrival.
    package let headers: [HTTPHeader]
    package let body: [UInt8]
    /// Where the answer came from, after redirects.
    package let effectiveURL: WebAddress
    /// How many tries it took.
    package let tries: Int

    /// The first field of that name, whatever the case of its letters.
    package func header(_ name: String) -> String? { headers.first(named: name) }

    /// The server's `X-Request-ID`, fit for printing.
    package var requestID: String? { headers.requestID }
}

extension [HTTPHeader] {
    /// The value of the first field of that name, whatever the case of its letters.
    package func first(named name: String) -> String? {
        let wanted = name.lowercased()
        return first { $0.name.lowercased() == wanted }?.value
    }
}

extension [HTTPHeader] {
    /// The server's `X-Request-ID`; one that is not fit for printing, or endless, is none.
    var requestID: String? {
        guard let value = first(named: "X-Request-ID"), (1...128).contains(value.utf8.count),
            !value.unicodeScalars.contains(where: \.isUnprintable)
        else { return nil }
        return value
    }
}
