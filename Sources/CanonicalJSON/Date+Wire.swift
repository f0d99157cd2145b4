package import FoundationEssentials

// Dates as the wire and our sentences have them (RFC 3339): UTC, whole seconds, one spelling.
// Foundation's calendar does it; FoundationEssentials has that without ICU, whose loading would be
// most of the time that `pkg` needs to start.
extension Date {
    /// The date as `2026-11-21T10:00:00Z`, its fraction of a second cut off.
    package var wireText: String { wholeSeconds.formatted(Date.ISO8601FormatStyle()) }

    /// The day in UTC, `2026-11-21`, for sentences.
    package var wireDay: String { String(wireText.prefix(10)) }

    /// The date that ``wireText`` writes so; nil for every other way to write it.
    package init?(wireText: String) {
        guard wireText.utf8.count == 20,
            let date = try? Date.ISO8601FormatStyle().parse(wireText), date.wireText == wireText
        else { return nil }
        self = date
    }

    /// The date without its fraction of a second, which the wire does not carry.
    package var wholeSeconds: Date {
        Date(timeIntervalSince1970: timeIntervalSince1970.rounded(.down))
    }
}

extension JSONReader {
    /// A date as ``FoundationEssentials/Date/wireText`` writes it.
    ///
    /// - Throws: ``JSONError`` `wrongType`, `invalidValue`.
    package func wireDate() throws(JSONError) -> Date {
        guard let date = Date(wireText: try string()) else { throw failure(.invalidValue) }
        return date
    }
}
