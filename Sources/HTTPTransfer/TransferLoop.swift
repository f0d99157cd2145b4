internal import CCurl
import Diagnostics
import Glibc

/// The transfer thread: all of libcurl's work, and every callback into a sink, happens in ``run()``.
///
/// Only ``start(_:)`` and the inbox touch other threads; the loop object itself is handed to its
/// thread at the start and never seen elsewhere.
final class TransferLoop {
    private let multi: CurlMulti
    private let inbox: TransferInbox
    private let configuration: HTTPClientConfiguration
    private var waiting: [TransferInbox.Order] = []
    private var running: [UnsafeMutableRawPointer: Transfer] = [:]
    /// Where the next transfer looks first.
    private var authorities: AuthorityLookup
    /// The origins that answered over HTTP/2.
    private var multiplexing: Set<String> = []

    private init(_ configuration: HTTPClientConfiguration) throws(NetworkError) {
        multi = try CurlMulti(maximumConnections: configuration.maximumConcurrentTransfers)
        inbox = TransferInbox(waker: multi.waker)
        self.configuration = configuration
        authorities = AuthorityLookup(configuration)
    }

    /// Starts a thread with a loop of its own; it ends when the inbox is closed.
    static func start(
        _ configuration: HTTPClientConfiguration
    ) throws(NetworkError) -> (thread: pthread_t, inbox: TransferInbox) {
        let loop = try TransferLoop(configuration)
        let inbox = loop.inbox
        let reference = Unmanaged.passRetained(loop)
        // The program's own threads answer to signals, and a peer that is gone must not raise SIGPIPE
        // in OpenSSL's writes: the new thread inherits this mask.
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        var thread = pthread_t()
        let result = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<TransferLoop>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, reference.toOpaque())
        guard result == 0 else {
            reference.release()
            throw NetworkError(
                .unexpected,
                "The transfer thread could not be started: \(String(cString: strerror(result))).")
        }
        return (thread, inbox)
    }

    private func run() {
        do {
            var isClosed = false
            while !isClosed {
                isClosed = obey()
                admit()
                try multi.perform()
                if try reap() == 0, !isClosed {
                    try multi.poll(milliseconds: waiting.isEmpty ? 60_000 : 1_000)
                }
            }
            failEverything { .cancelled($0.address) }
        } catch {
            failEverything { _ in error }
        }
        inbox.end()
    }

    /// Takes what callers left.
    private func obey() -> Bool {
        let (commands, isClosed) = inbox.take()
        for command in commands {
            switch command {
            case .start(let order): waiting.append(order)
            case .cancel(let id): cancel(id)
            }
        }
        return isClosed
    }

    private func cancel(_ id: UInt64) {
        if let index = waiting.firstIndex(where: { $0.id == id }) {
            waiting.remove(at: index).cancel()
        } else if let transfer = running.values.first(where: { $0.order.id == id }) {
            remove(transfer)
            finish(transfer, .cancelled(transfer.order.exchange.address))
        }
    }

    /// Whether there is room for one more like this.
    ///
    /// Over HTTP/2 small requests take no connection of their own, so none has to wait for another:
    /// on a slow line each wait is a round trip.
    private func mayStart(_ exchange: Exchange) -> Bool {
        let streams = running.values.count(where: \.isStream)
        return isStream(exchange)
            ? streams < HTTPClientConfiguration.maximumStreams
            : running.count - streams < configuration.maximumConcurrentTransfers
    }

    private func isStream(_ exchange: Exchange) -> Bool {
        guard case .memory = exchange.destination else { return false }
        return multiplexing.contains(exchange.address.origin)
    }

    /// Starts as many as may run at once, the first come first.
    private func admit() {
        let now = ContinuousClock.now
        waiting.removeAll { order in
            guard !order.exchange.isOver(at: now) else {
                order.fail(.deadline(order.exchange.address, received: 0))
                return true
            }
            guard mayStart(order.exchange) else { return false }
            start(order, authorities)
            return true
        }
    }

    private func start(
        _ order: TransferInbox.Order, _ authorities: AuthorityLookup,
        after outcomeByFolder: ExchangeOutcome? = nil
    ) {
        do {
            let transfer = try Transfer(
                order, configuration, authorities, after: outcomeByFolder,
                isStream: isStream(order.exchange))
            try multi.add(transfer.easy)
            running[transfer.easy.pointer] = transfer
        } catch {
            order.fail(error)
        }
    }

    /// Answers the callers of what has ended, or begins it again, and counts them.
    private func reap() throws(NetworkError) -> Int {
        var count = 0
        while let (easy, result) = multi.nextEnd() {
            guard let transfer = running[easy] else { continue }
            count += 1
            // Looked at before the handle is removed, which forgets what it knows.
            let outcome = transfer.outcome(result)
            let wantsFile = transfer.wantsFile(after: result)
            learn(from: transfer, result)
            remove(transfer)
            if wantsFile {
                start(transfer.order, .folderAndFile, after: outcome)
            } else {
                transfer.order.waiter.resume(returning: outcome)
            }
        }
        return count
    }

    /// Remembers whether an origin that answered speaks HTTP/2, and where authorities are found.
    private func learn(from transfer: Transfer, _ result: CURLcode) {
        if transfer.neededFile(result) { authorities = .folderAndFile }
        let origin = transfer.order.exchange.address.origin
        switch transfer.usesHTTP2 {
        case true?: multiplexing.insert(origin)
        case false?: multiplexing.remove(origin)
        case nil: break
        }
    }

    private func remove(_ transfer: Transfer) {
        running[transfer.easy.pointer] = nil
        do {
            try multi.remove(transfer.easy)
        } catch {
            // curl would go on calling back into a transfer that is gone.
            fatalError("libcurl did not let go of a transfer: \(error)")
        }
    }

    private func finish(_ transfer: Transfer, _ error: NetworkError) {
        transfer.order.waiter.resume(
            returning: ExchangeOutcome(
                result: .failure(error), progress: transfer.receiver.progress))
    }

    private func failEverything(_ error: (Exchange) -> NetworkError) {
        for transfer in Array(running.values) {
            remove(transfer)
            finish(transfer, error(transfer.order.exchange))
        }
        for order in waiting { order.fail(error(order.exchange)) }
        waiting = []
    }
}

extension Exchange {
    fileprivate func isOver(at instant: ContinuousClock.Instant) -> Bool {
        deadline.map { $0 <= instant } ?? false
    }
}
