import CanonicalJSON
package import Diagnostics
package import FoundationEssentials

/// Which end of a day is meant when somebody writes only the day.
package enum DayEnd: Sendable {
    case start
    /// The day's last second: what holds until a day holds through it.
    case end
}

/// Reads `2026-12-31` or `2026-12-31T12:00:00Z`.
///
/// - Throws: ``UsageError`` for every other way to write it, and for a day that no calendar has.
package func moment(
    _ text: String, ofDay end: DayEnd, in zone: TimeZone
) throws(UsageError) -> Date {
    if let date = Date(wireText: text) { return date }
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = zone
    guard Date(wireText: text + "T00:00:00Z") != nil,
        let noon = noon(of: text, in: calendar),
        let next = calendar.date(byAdding: .day, value: 1, to: noon)
    else {
        throw UsageError(
            "\(quoted(text)) is not a day such as 2026-12-31 or a moment such as 2026-12-31T12:00:00Z.",
            remedy: "Write it in one of these forms.")
    }
    // Where a clock is put forward at midnight, the day begins later: at its start, not at zero.
    switch end {
    case .start: return calendar.startOfDay(for: noon)
    case .end: return calendar.startOfDay(for: next).addingTimeInterval(-1)
    }
}

/// The time zone of that IANA name.
///
/// - Throws: ``UsageError``.
package func timeZone(_ name: String) throws(UsageError) -> TimeZone {
    guard let zone = TimeZone(identifier: name) else {
        throw UsageError(
            "\(quoted(name)) is no time zone.",
            remedy: "Write one such as Europe/Berlin or UTC.")
    }
    return zone
}

/// Noon, which every day has in every zone.
private func noon(of day: String, in calendar: Calendar) -> Date? {
    let numbers = day.split(separator: "-").compactMap { Int($0) }
    guard numbers.count == 3 else { return nil }
    return calendar.date(
        from: DateComponents(year: numbers[0], month: numbers[1], day: numbers[2], hour: 12))
}
