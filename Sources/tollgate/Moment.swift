import Diagnostics
import FoundationEssentials
import Storage

/// Which end of a day is meant when somebody writes only the day.
enum DayEnd {
    case start
    /// The day's last second: what holds until a day holds through it.
    case end
}

/// Reads `2026-12-31` or `2026-12-31T12:00:00Z`.
///
/// - Throws: ``UsageError``.
func moment(_ text: String, ofDay end: DayEnd, in zone: TimeZone) throws(UsageError) -> Date {
    if let date = try? Date.ISO8601FormatStyle().parse(text) { return date }
    let style = Date.ISO8601FormatStyle(timeZone: zone).year().month().day()
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = zone
    guard text.utf8.count == 10, let start = try? style.parse(text), style.format(start) == text,
        let next = calendar.date(byAdding: .day, value: 1, to: calendar.startOfDay(for: start))
    else {
        throw UsageError(
            "\(text) is not a day such as 2026-12-31 or a moment such as 2026-12-31T12:00:00Z.",
            remedy: "Write it in one of these forms.")
    }
    switch end {
    case .start: return calendar.startOfDay(for: start)
    case .end: return next.addingTimeInterval(-1)
    }
}
