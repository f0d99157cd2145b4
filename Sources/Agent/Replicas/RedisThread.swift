import Diagnostics
import Glibc
import Synchronization

/// The thread that talks to Redis: it listens on one connection, announces on another, and connects
/// again when Redis went away.
///
/// What it hears comes out of ``events``; the stream ends when the thread has.
final class RedisThread: Sendable {
    enum Event: Sendable {
        /// Listening, at the start or again; messages may have been missed before.
        case connected
        case lost(AgentError)
        case heard(LicenseChange)
    }

    let events: AsyncStream<Event>
    private let continuation: AsyncStream<Event>.Continuation
    private let address: RedisAddress
    private let outbox = Mutex(Outbox())
    private let wake = WakeUp()

    private struct Outbox {
        var changes: [LicenseChange] = []
        var isClosed = false
    }

    /// The channel that all agents share; messages name the instance that they are about.
    static let channel = "tollgate:license"
    /// So many announcements wait for Redis; whoever hears one reads everything anew.
    private static let outboxLimit = 16
    /// A connection that says nothing for so long is asked whether it is still there.
    private static let silence: Duration = .seconds(15)

    init(_ address: RedisAddress) {
        self.address = address
        (events, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(64))
    }

    /// Starts the thread; it holds itself until it was told to end.
    ///
    /// - Throws: `replicas.redis-unreachable` when the system gives no thread
    func start() throws(AgentError) {
        var thread = pthread_t()
        let box = Unmanaged.passRetained(self)
        let failure = pthread_create(
            &thread, nil,
            { box in
                guard let box else { return nil }
                Unmanaged<RedisThread>.fromOpaque(box).takeRetainedValue().live()
                return nil
            }, box.toOpaque())
        guard failure == 0 else {
            box.release()
            throw AgentError(.replicasUnreachable, "The system gave no thread: error \(failure).")
        }
        pthread_detach(thread)
    }

    /// Announces a change, as soon as Redis is there.
    func announce(_ change: LicenseChange) {
        outbox.withLock { outbox in
            outbox.changes = (outbox.changes + [change]).suffix(Self.outboxLimit)
        }
        wake.ring()
    }

    /// Ends the thread.
    func end() {
        outbox.withLock { $0.isClosed = true }
        wake.ring()
    }

    // MARK: On the thread

    private var isClosed: Bool { outbox.withLock(\.isClosed) }

    private func live() {
        var pauses = ReconnectPauses()
        while !isClosed {
            do throws(AgentError) {
                try listen(&pauses)
            } catch {
                continuation.yield(.lost(error))
            }
            if !isClosed { _ = wait(for: nil, atMost: pauses.take(), onlyTheEnd: true) }
        }
        continuation.finish()
    }

    /// Listens until the connection breaks or the thread has to end.
    private func listen(_ pauses: inout ReconnectPauses) throws(AgentError) {
        let listener = try RedisConnection.open(address)
        let speaker = try RedisConnection.open(address)
        try listener.command(["SUBSCRIBE", Self.channel], "listen")
        pauses.reset()
        continuation.yield(.connected)
        try hear(listener.received())
        var isAsked = false
        while !isClosed {
            try announceAll(by: speaker)
            guard wait(for: listener.descriptor, atMost: Self.silence) else {
                guard !isAsked else {
                    throw AgentError(.replicasUnreachable, "Redis says nothing any more.")
                }
                // Its answer is a message of another kind.
                try listener.post(["PING"], "ask whether Redis is there")
                try speaker.command(["PING"], "ask whether Redis is there")
                isAsked = true
                continue
            }
            if isReadable(listener.descriptor) {
                try hear(listener.receive())
                isAsked = false
            }
        }
    }

    private func hear(_ payloads: [[UInt8]]) {
        for payload in payloads {
            if let change = LicenseChange(payload) { continuation.yield(.heard(change)) }
        }
    }

    private func announceAll(by speaker: borrowing RedisConnection) throws(AgentError) {
        while let change = outbox.withLock({ $0.changes.first }) {
            let message = String(decoding: change.bytes, as: UTF8.self)
            try speaker.command(["PUBLISH", Self.channel, message], "announce a change")
            outbox.withLock { if $0.changes.first == change { $0.changes.removeFirst() } }
        }
    }

    /// Waits for the descriptor or for somebody to wake the thread.
    ///
    /// - Parameters:
    ///   - descriptor: what may become readable
    ///   - time: the longest wait
    ///   - onlyTheEnd: an announcement does not end the wait
    /// - Returns: false when the time is over
    private func wait(
        for descriptor: Int32?, atMost time: Duration, onlyTheEnd: Bool = false
    ) -> Bool {
        let end = ContinuousClock.now + time
        while true {
            let left = max(.zero, end - ContinuousClock.now) / .milliseconds(1)
            var descriptors = [pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0)]
            if let descriptor {
                descriptors.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0))
            }
            let ready = poll(&descriptors, nfds_t(descriptors.count), Int32(left.rounded(.up)))
            guard ready != 0 else { return false }
            if descriptors[0].revents != 0 {
                wake.reset()
                if onlyTheEnd, !isClosed { continue }
            }
            if ready > 0 { return true }
        }
    }

    private func isReadable(_ descriptor: Int32) -> Bool {
        var one = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&one, 1, 0) > 0
    }
}
