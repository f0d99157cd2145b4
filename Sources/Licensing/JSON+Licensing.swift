internal import CanonicalJSON
internal import FoundationEssentials

extension JSONValue {
    /// A time as whole seconds since 1970 (RFC 7519, `NumericDate`).
    init(_ date: Date) {
        self = .integer(Int64(date.timeIntervalSince1970.rounded(.down)))
    }
}

extension JSONReader {
    /// A time as whole seconds since 1970, up to the year 9999.
    func date() throws(JSONError) -> Date {
        let seconds = try integer()
        guard (0...253_402_300_799).contains(seconds) else { throw failure(.invalidValue) }
        return Date(timeIntervalSince1970: Double(seconds))
    }
}
