import Synchronization

/// What callers on any thread leave for the transfer thread.
final class TransferInbox: Sendable {
    /// One exchange to be made, and who waits for it.
    struct Order: Sendable {
        let id: UInt64
        let exchange: Exchange
        let waiter: CheckedContinuation<ExchangeOutcome, Never>
    }

    enum Command: Sendable {
        case start(Order)
        case cancel(UInt64)
    }

    private struct State {
        var commands: [Command] = []
        var isClosed = false
        var hasEnded = false
        var waker: CurlWaker?
        var endWaiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    private let lastID = Atomic<UInt64>(0)

    init(waker: CurlWaker) {
        state.withLock { $0.waker = waker }
    }

    func newID() -> UInt64 {
        lastID.wrappingAdd(1, ordering: .relaxed).newValue
    }

    /// Leaves a command; one that comes after the end starts nothing and fails at once.
    func leave(_ command: Command) {
        let isTaken = state.withLock { state in
            guard !state.isClosed else { return false }
            state.commands.append(command)
            state.waker?.wake()
            return true
        }
        if !isTaken, case .start(let order) = command { order.cancel() }
    }

    /// Asks the thread to fail what runs and end.
    func close() {
        state.withLock {
            $0.isClosed = true
            $0.waker?.wake()
        }
    }

    /// Waits for ``end()``.
    func waitForEnd() async {
        await withCheckedContinuation { waiter in
            let hasEnded = state.withLock { state in
                if !state.hasEnded { state.endWaiters.append(waiter) }
                return state.hasEnded
            }
            if hasEnded { waiter.resume() }
        }
    }

    /// Takes what was left, in order, and whether the thread is to end.
    func take() -> (commands: [Command], isClosed: Bool) {
        state.withLock { state in
            defer { state.commands = [] }
            return (state.commands, state.isClosed)
        }
    }

    /// The transfer thread's last word, before the multi handle goes: nothing more is taken.
    func end() {
        let (commands, waiters) = state.withLock { state in
            defer {
                state.commands = []
                state.endWaiters = []
            }
            state.isClosed = true
            state.hasEnded = true
            state.waker = nil
            return (state.commands, state.endWaiters)
        }
        for case .start(let order) in commands { order.cancel() }
        for waiter in waiters { waiter.resume() }
    }
}

extension TransferInbox.Order {
    func cancel() { fail(.cancelled(exchange.address)) }

    /// Answers the caller without a transfer.
    func fail(_ error: NetworkError) {
        waiter.resume(returning: ExchangeOutcome(result: .failure(error), progress: nil))
    }
}
