import CanonicalJSON
import Diagnostics
import FoundationEssentials
import Licensing
import Logging
import Synchronization
import Testing

@testable import Agent

/// A time that passes only when somebody sleeps or a test moves it.
final class TestClock: AgentClock {
    private struct State {
        var now: Date
        var end: Date
        var slept: [Duration] = []
    }

    private let state: Mutex<State>

    /// - Parameters:
    ///   - now: when it begins
    ///   - end: when whoever sleeps is told to stop
    init(_ now: Date = TestClock.start, until end: Date = .distantFuture) {
        state = Mutex(State(now: now, end: end))
    }

    static let start = Date(timeIntervalSince1970: 1_790_000_000)

    var now: Date { state.withLock(\.now) }
    var slept: [Duration] { state.withLock(\.slept) }

    func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        try state.withLock { state in
            guard state.now < state.end else { throw CancellationError() }
            state.now +=
                Double(duration.components.seconds)
                + Double(duration.components.attoseconds) / 1e18
            state.slept.append(duration)
        }
        await Task.yield()
    }

    func set(_ time: Date) { state.withLock { $0.now = time } }
}

/// A license whose answers a test decides.
final class TestDesk: LicenseDesk {
    struct State: Sendable {
        var policy = CheckInPolicy(interval: 21_600, retry: 3_600, lease: 172_800)
        var lastAttempt: Date?
        var lastFailed = false
        var failure: LicenseError?
        var pictureFailure: LicenseError?
        /// A failure that the license itself does not remember, such as a lock that is held.
        var forgetsFailures = false
        var attempts: [Date] = []
        var added: [String] = []
        var removed: [String] = []
        var refreshed = 0
        var users = 0
        var pictures = 0
        var picture = LicensePicture(
            instance: LicensePicture.Instance(
                id: "ti_TEST", facts: ["storage.id: 1 (binds)"], json: ["instance_id": "ti_TEST"]))
    }

    let state = Mutex(State())
    private let clock: any AgentClock

    init(_ clock: any AgentClock) {
        self.clock = clock
    }

    func edit(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }

    func picture() throws -> LicensePicture {
        try state.withLock { state in
            state.pictures += 1
            if let failure = state.pictureFailure { throw failure }
            return state.picture
        }
    }

    func nextCheckIn() throws -> Date? {
        try state.withLock { state in
            if let failure = state.pictureFailure { throw failure }
            guard let last = state.lastAttempt else { return clock.now }
            let seconds = state.lastFailed ? state.policy.retry : state.policy.interval
            return clock.now < last ? clock.now : last + Double(seconds)
        }
    }

    func checkInIfDue() async throws -> LicenseStatus {
        try ask()
    }

    func refresh() async throws -> LicenseStatus {
        state.withLock { $0.refreshed += 1 }
        return try ask()
    }

    func add(_ text: Secret<String>) async throws -> LicenseStatus {
        state.withLock { $0.added.append(text.reveal()) }
        return try ask()
    }

    func remove(_ licenseID: String) async throws {
        try state.withLock { state in
            if let failure = state.failure { throw failure }
            state.removed.append(licenseID)
            state.picture.licenses.removeAll { $0.id == licenseID }
        }
    }

    func save(_ users: [SeatRow]) async throws {
        state.withLock { state in
            state.users = users.count
            state.picture.seats = LicensePicture.Seats(inUse: Int64(users.count), limit: 1)
        }
    }

    private func ask() throws -> LicenseStatus {
        try state.withLock { state in
            state.attempts.append(clock.now)
            if let failure = state.failure {
                if !state.forgetsFailures {
                    (state.lastAttempt, state.lastFailed) = (clock.now, true)
                }
                throw failure
            }
            (state.lastAttempt, state.lastFailed) = (clock.now, false)
        }
        let instance = InstanceID(facts: InstanceFacts(pinned: "test"))
        return evaluate([], instance: instance, facts: nil, memory: LicenseMemory(), now: clock.now)
    }
}

extension LicenseBoard {
    init(_ desk: TestDesk, _ clock: any AgentClock) {
        self.init(desk, clock: clock, replica: ReplicaID(storage: "here", sender: "me"))
    }
}

let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
