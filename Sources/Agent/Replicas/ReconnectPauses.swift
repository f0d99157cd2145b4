/// How long to wait before each try to reach Redis again: twice as long each time, half a minute at
/// most.
struct ReconnectPauses {
    private var next = first

    private static let first: Duration = .milliseconds(250)
    private static let longest: Duration = .seconds(30)

    /// The pause before the next try.
    mutating func take() -> Duration {
        defer { next = min(next * 2, Self.longest) }
        return next
    }

    /// Begins anew, after a connection that worked.
    mutating func reset() {
        next = Self.first
    }
}
