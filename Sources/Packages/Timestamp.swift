import FoundationEssentials

/// Dates as the wire has them: `2026-11-21T10:12:44Z`, whole seconds, UTC.
enum Timestamp {
    static func text(_ date: Date) -> String {
        date.formatted(Date.ISO8601FormatStyle())
    }

    /// The day in UTC, `2026-11-21`, for sentences.
    static func day(_ date: Date) -> String {
        String(text(date).prefix(10))
    }

    /// The date that ``text(_:)`` writes so; nil for every other way to write it.
    static func date(_ written: String) -> Date? {
        guard let date = try? Date.ISO8601FormatStyle().parse(written), text(date) == written else {
            return nil
        }
        return date
    }

    /// The date without its fraction of a second, which the wire does not carry.
    static func wholeSeconds(_ date: Date) -> Date {
        Date(timeIntervalSince1970: date.timeIntervalSince1970.rounded(.down))
    }
}
