internal import CanonicalJSON
internal import FoundationEssentials

extension JSONValue {
    /// A time as whole seconds since 1970 (RFC 7519, `NumericDate`).
    ///
    /// A time that ``CanonicalJSON/JSONReader/date()`` does not take is written as one that it does
    /// not take either: whoever reads it back sees that it cannot be used.
    init(_ date: Date) {
        let seconds = date.timeIntervalSince1970.rounded(.down)
        guard seconds >= 0 else {
            self = -1
            return
        }
        self = .integer(Int64(min(seconds, Double(lastSecond + 1))))
    }
}

/// The last second of the year 9999.
private let lastSecond: Int64 = 253_402_300_799

extension JSONReader {
    /// A time as whole seconds since 1970, up to the year 9999.
    func date() throws(JSONError) -> Date {
        let seconds = try integer()
        guard (0...lastSecond).contains(seconds) else { throw failure(.invalidValue) }
        return Date(timeIntervalSince1970: Double(seconds))
    }
}
