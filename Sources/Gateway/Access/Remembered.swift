import FoundationEssentials
import Synchronization

/// Answers that are kept while what they were made of stays as it was.
///
/// It holds a bounded amount: when that is full the older half goes, so that whoever sends many
/// different requests fills no memory.
final class Remembered<Key: Hashable & Sendable, Value: Sendable, Revision: Equatable & Sendable>:
    Sendable
{
    fileprivate struct Entry: Sendable {
        let value: Value
        let revision: Revision
        let until: Date?
        let number: Int
        let cost: Int
    }

    fileprivate struct State: Sendable {
        var entries: [Key: Entry] = [:]
        var cost = 0
        /// How many were ever kept: the number of each, by which the older ones are known.
        var count = 0
    }

    private let state = Mutex(State())
    private let capacity: Int

    init(capacity: Int) {
        self.capacity = capacity
    }

    /// What was kept under that revision, unless its time is over.
    func value(_ key: Key, of revision: Revision, at now: @autoclosure () -> Date) -> Value? {
        guard let entry = state.withLock({ $0.entries[key] }), entry.revision == revision else {
            return nil
        }
        if let until = entry.until, until <= now() { return nil }
        return entry.value
    }

    /// Keeps a value that was made after the revision was read.
    ///
    /// - Parameters:
    ///   - value: the value
    ///   - key: what it is found by
    ///   - revision: it is found as long as this is the present one
    ///   - until: from then on it is not found; nil: always
    ///   - cost: its part of the capacity
    func keep(
        _ value: Value, for key: Key, of revision: Revision, until: Date? = nil, cost: Int = 1
    ) {
        guard cost <= capacity / 4 else { return }
        state.withLock { state in
            if let old = state.entries[key] { state.cost -= old.cost }
            state.count += 1
            state.entries[key] = Entry(
                value: value, revision: revision, until: until, number: state.count, cost: cost)
            state.cost += cost
            while state.cost > capacity { state.removeOlderHalf() }
        }
    }
}

extension Remembered.State {
    fileprivate mutating func removeOlderHalf() {
        let numbers = entries.values.map(\.number).sorted()
        let median = numbers[numbers.count / 2]
        entries = entries.filter { $0.value.number > median }
        cost = entries.values.reduce(0) { $0 + $1.cost }
    }
}
