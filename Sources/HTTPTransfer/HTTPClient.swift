import Glibc
import Synchronization

/// Makes requests and downloads over one pool of connections.
///
/// How a request goes: it is checked and becomes an ``Exchange``; the exchange is left for the one
/// transfer thread, where libcurl runs it (``TransferLoop``); its answer is received under the
/// request's limits (``ResponseReceiver``); a redirect makes another exchange
/// (``RedirectPolicy``); a temporary failure, after a wait, starts again (``RetryPolicy``).
///
/// Cancelling the calling task ends its transfer. ``shutDown()`` ends the thread; a client that is
/// dropped without it ends its thread as well, only nobody waits for that.
package final class HTTPClient: Sendable {
    let configuration: HTTPClientConfiguration
    private let inbox: TransferInbox
    /// The thread, until somebody has joined or detached it.
    private let thread: Mutex<pthread_t?>

    /// Starts the client's thread, which makes no connection yet.
    package init(_ configuration: HTTPClientConfiguration) throws(NetworkError) {
        try configuration.checkFile()
        self.configuration = configuration
        let (thread, inbox) = try TransferLoop.start(configuration)
        self.thread = Mutex(thread)
        self.inbox = inbox
    }

    deinit {
        inbox.close()
        if let left = takeThread() { pthread_detach(left) }
    }

    /// Fails everything that is pending with `network.cancelled` and waits for the thread's end.
    package func shutDown() async {
        inbox.close()
        await inbox.waitForEnd()
        if let left = takeThread() { pthread_join(left, nil) }
    }

    private func takeThread() -> pthread_t? {
        thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
    }

    /// Sends a request and returns its whole answer.
    ///
    /// A status that is neither 2xx nor among the accepted ones is thrown as `network.http-status`,
    /// with the status and the server's words in the error.
    package func send(_ request: HTTPRequest) async throws(NetworkError) -> HTTPResponse {
        let first = try Exchange(request)
        var tries = 0
        while true {
            tries += 1
            let (outcome, last) = await followingRedirects(first)
            do throws(NetworkError) {
                let answer = try outcome.result.get()
                let isAccepted =
                    (200...299).contains(answer.status)
                    || request.acceptedStatuses.contains(answer.status)
                guard isAccepted else { throw answer.refused(by: last.address) }
                return HTTPResponse(
                    status: answer.status, headers: answer.headers, body: answer.body,
                    effectiveURL: last.address, tries: tries)
            } catch {
                try await wait(after: error, try: tries, first, request.isRepeatable)
            }
        }
    }

    /// Downloads into a sink, from where it stopped; each try goes on where the last one was cut.
    package func download(
        _ request: DownloadRequest, to sink: any DownloadSink
    ) async throws(NetworkError) -> DownloadOutcome {
        var first = try Exchange(request, to: sink)
        var tries = 0
        var received: Int64 = 0
        var mayRestart = true
        while true {
            tries += 1
            let (outcome, last) = await followingRedirects(first)
            received += outcome.progress?.received ?? 0
            do throws(NetworkError) {
                let answer = try outcome.result.get()
                guard let progress = outcome.progress, progress.isServed else {
                    throw answer.refused(by: last.address)
                }
                return DownloadOutcome(
                    status: answer.status, totalBytes: progress.position, receivedBytes: received,
                    headers: answer.headers, tries: tries)
            } catch {
                if outcome.progress?.mustRestart == true, mayRestart {
                    mayRestart = false
                    first.restartDownload()
                    continue
                }
                try await wait(after: error, try: tries, first, true)
                if let progress = outcome.progress { first.goOn(from: progress) }
            }
        }
    }

    /// Makes an exchange and those that redirects ask for; tells the last one as well.
    func followingRedirects(_ first: Exchange) async -> (ExchangeOutcome, last: Exchange) {
        var exchange = first
        var count = 0
        while true {
            let outcome = await perform(exchange)
            guard
                case .success(let answer) = outcome.result,
                let location = RedirectPolicy.location(
                    status: answer.status, headers: answer.headers)
            else { return (outcome, exchange) }
            do throws(NetworkError) {
                exchange = try RedirectPolicy.following(
                    location, status: answer.status, from: exchange, count: count)
            } catch {
                return (
                    ExchangeOutcome(result: .failure(error), progress: outcome.progress), exchange
                )
            }
            count += 1
        }
    }

    /// Makes one exchange on the transfer thread.
    func perform(_ exchange: Exchange) async -> ExchangeOutcome {
        let id = inbox.newID()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                inbox.leave(.start(TransferInbox.Order(id: id, exchange: exchange, waiter: waiter)))
                // The handler below may have run before there was anything to cancel.
                if Task.isCancelled { inbox.leave(.cancel(id)) }
            }
        } onCancel: {
            inbox.leave(.cancel(id))
        }
    }

    /// Waits for the next try, or throws when there is none.
    private func wait(
        after failure: NetworkError, try number: Int, _ exchange: Exchange, _ isRepeatable: Bool
    ) async throws(NetworkError) {
        let decision = configuration.retry.decision(
            on: failure, try: number, isRepeatable: isRepeatable, deadline: exchange.deadline)
        switch decision {
        case .giveUp(let failure):
            throw failure
        case .wait(let delay):
            do {
                try await configuration.retry.sleep(delay)
            } catch {
                throw .cancelled(exchange.address)
            }
        }
    }
}

extension Answer {
    fileprivate func refused(by address: WebAddress) -> NetworkError {
        .status(status, from: address, headers: headers, body: body)
    }
}

extension Exchange {
    /// Asks for the whole file.
    fileprivate mutating func restartDownload() {
        guard case .sink(var part) = destination else { return }
        part.offset = 0
        part.validator = nil
        destination = .sink(part)
    }

    /// Asks for the rest, when it is known to belong to what the sink has; else for the whole.
    fileprivate mutating func goOn(from progress: DownloadProgress) {
        guard case .sink(var part) = destination else { return }
        guard progress.validator != nil || progress.position == part.offset else {
            restartDownload()
            return
        }
        part.offset = progress.position
        part.validator = progress.validator
        destination = .sink(part)
    }
}
