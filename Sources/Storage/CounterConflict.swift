/// Why a check-in's counter makes two machines of one Instance ID likely.
package enum CounterConflict: Sendable, Hashable {
    /// It is not greater than this, which was told before.
    case repeated(Int64)
    /// It goes on from this, which the count was at before the instance registered again.
    case continued(Int64)

    /// What stands against a check-in; nil: nothing.
    ///
    /// The same one again, whose answer was lost, is none. An instance that registers begins to
    /// count anew, since its storage folder may be a new one at each start. A count so young that
    /// runs ahead faster than failed check-ins are tried again is that of another machine.
    ///
    /// - Parameters:
    ///   - told: the check-in
    ///   - known: the instance as it was before
    ///   - elapsed: seconds since it was heard of
    ///   - retry: seconds from a failed check-in to the next
    init?(of told: CheckInReport, to known: InstallationRecord, after elapsed: Int64, retry: Int64)
    {
        guard told.counter > known.counter else {
            guard told.report != known.report else { return nil }
            self = .repeated(known.counter)
            return
        }
        guard told.beginsAnew, let before = known.counterBefore, known.counter < before,
            told.counter - known.counter > 1 + max(0, elapsed) / max(1, retry)
        else { return nil }
        self = told.counter > before ? .continued(before) : .repeated(before)
    }

    /// The counter that was told before.
    var seen: Int64 {
        switch self {
        case .repeated(let counter), .continued(let counter): counter
        }
    }
}
