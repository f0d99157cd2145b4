import NIOCore

/// What the task that answers a connection's requests asks of it, through ``ConnectionLink``.
extension HTTPConnection {
    /// Hands over the next arrival, or nil once no other comes.
    func take(_ continuation: CheckedContinuation<Arrival?, Never>) {
        if let arrival = arrivals.popFirst() {
            beginAnswering(arrival)
            continuation.resume(returning: arrival)
        } else if context == nil {
            continuation.resume(returning: nil)
        } else {
            taker = continuation
        }
    }

    /// From here on the client has to send the body, unless it waits to be told.
    func beginAnswering(_ arrival: Arrival) {
        answered = arrival
        if isBodyOfAnswered, !awaitsContinue { startBodyTime() }
    }

    /// Whether the connection can be kept when the answer begins now: the request is all here, or so
    /// little of it is left that reading it costs less than another connection.
    var canBeKept: Bool {
        if !arrivals.isEmpty { return true }
        guard body != nil else { return !isAtEnd && !endsAfterAnswer }
        guard let bodyAnnounced, !awaitsContinue, !endsAfterAnswer, !isAtEnd else { return false }
        return bodyAnnounced - bodyBytes <= limits.drainedBody
    }

    /// Writes, and tells when the socket has taken it all.
    func write(_ parts: [IOData]) -> EventLoopFuture<Void>? {
        guard let context else { return nil }
        // The client gets its final answer, so it need not be told to go on.
        if isBodyOfAnswered { awaitsContinue = false }
        let written = context.eventLoop.makePromise(of: Void.self)
        for part in parts.dropLast() { context.write(wrapOutboundOut(part), promise: nil) }
        if let last = parts.last {
            context.writeAndFlush(wrapOutboundOut(last), promise: written)
        } else {
            written.succeed()
        }
        return written.futureResult
    }

    /// How many bytes of answers the socket has not taken yet.
    var unsent: Int {
        (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    /// Whether so much waits to be sent that nothing should be added.
    var isCongested: Bool { context?.channel.isWritable == false }

    /// Watches that the client takes what was written, until ``resumeAfterWriting()``.
    func watchWriting() {
        unsentAtLastLook = unsent
        setDeadline(.response, in: limits.stalledResponse)
    }

    func resumeAfterWriting() {
        guard deadlines?.kind == .response else { return }
        if isBodyOfAnswered { setBodyDeadline() } else { deadlines?.forget() }
    }

    /// The answer is out: goes on with the next request, or ends.
    ///
    /// - Parameter isKept: what the answer told the client
    func finish(isKept: Bool) {
        answered?.body?.discard()
        answered = nil
        guard let context else { return }
        guard isKept, !endsAfterAnswer || !arrivals.isEmpty else {
            // Nothing behind the last answer is done (RFC 9112, section 9.6).
            arrivals.removeAll()
            if isInputClosed || body == nil && !isAtEnd {
                context.close(promise: nil)
            } else {
                linger(context)
            }
            return
        }
        if arrivals.isEmpty {
            if body != nil {
                setBodyDeadline()
            } else {
                setDeadline(
                    hasBytesOfHead ? .head : .idle, in: hasBytesOfHead ? limits.head : limits.idle)
            }
        }
        readOn()
    }

    /// Closes at once: an answer broke in the middle, and there is no other way to say so.
    func abort() {
        context?.close(promise: nil)
    }

    /// A reader waits for the body: it is asked for, and read on.
    func wantsBody(_ wanted: IncomingBody) {
        guard let context, body === wanted else { return }
        if awaitsContinue {
            awaitsContinue = false
            let line = ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")
            context.writeAndFlush(wrapOutboundOut(.byteBuffer(line)), promise: nil)
            startBodyTime()
        }
        readOn()
    }

    private func linger(_ context: ChannelHandlerContext) {
        isLingering = true
        isAtEnd = true
        body = nil
        context.close(mode: .output, promise: nil)
        setDeadline(.linger, in: limits.linger)
        readOn()
    }
}
