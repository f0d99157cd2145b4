import Diagnostics
import HTTPTypes
import NIOCore
import NIOHTTP1

/// One connection, on its event loop: what comes in becomes ``Arrival``s in their order, and whoever takes
/// too long is cut off.
///
/// It is in one of these states, each with a deadline of its own (``ConnectionLimits``):
///
/// 1. Between two requests: closed without a word when ``ConnectionLimits/idle`` is over.
/// 2. In a head: 408 when ``ConnectionLimits/head`` is over.
/// 3. In a body: its reader gets 408 when it came too slowly. No deadline runs while it is not read.
/// 4. In an answer: closed when the client takes nothing for ``ConnectionLimits/stalledResponse``.
/// 5. Lingering: the answer is out and says that the connection ends, what still comes is thrown away
///    (RFC 9112, section 9.6), until the client closes.
///
/// One request is answered at a time; when another waits already, nothing more is read.
final class HTTPConnection: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    private enum Deadline {
        case idle, head, body, response, linger
    }

    private let limits: ConnectionLimits
    private let admission: ConnectionCounts.Admission
    private var context: ChannelHandlerContext?

    private var arrivals: CircularBuffer<Arrival> = []
    private var taker: CheckedContinuation<Arrival?, Never>?
    private var isAnswering = false

    /// The body that comes in, until its end.
    private var body: IncomingBody?
    private var bodyBegan = NIODeadline.now()
    private var bodyBytes = 0
    private var bodyAnnounced: Int? = 0
    private var awaitsContinue = false

    private var hasBytesOfHead = false
    private var hasFirstLine = false
    /// Nothing that comes now is a request: the parser gave up, or the client has said all.
    private var isAtEnd = false
    private var isInputClosed = false
    private var endsAfterAnswer = false
    private var isLingering = false
    private var lingerBytes = 0

    private var isReadHeld = false
    private var readHeldSince: NIODeadline?
    private var deadline: (at: NIODeadline, kind: Deadline)?
    private var timer: Scheduled<Void>?
    private var timerIsDue = NIODeadline.distantFuture
    private var unsentAtLastLook = 0

    init(_ limits: ConnectionLimits, _ admission: ConnectionCounts.Admission) {
        self.limits = limits
        self.admission = admission
    }

    // MARK: What the task that answers asks for

    /// Hands over the next arrival, or nil once no other comes.
    func take(_ continuation: CheckedContinuation<Arrival?, Never>) {
        if let arrival = arrivals.popFirst() {
            isAnswering = true
            continuation.resume(returning: arrival)
        } else if context == nil {
            continuation.resume(returning: nil)
        } else {
            taker = continuation
        }
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
        awaitsContinue = false
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
        guard deadline?.kind == .response else { return }
        if body != nil { setBodyDeadline() } else { deadline = nil }
    }

    /// The answer is out: goes on with the next request, or ends.
    ///
    /// - Parameter isKept: what the answer told the client
    func finish(isKept: Bool) {
        isAnswering = false
        body?.discard()
        guard let context else { return }
        guard isKept, !endsAfterAnswer || !arrivals.isEmpty else {
            if isInputClosed || body == nil && !isAtEnd {
                context.close(promise: nil)
            } else {
                linger(context)
            }
            return
        }
        if body != nil {
            setBodyDeadline()
        } else if arrivals.isEmpty {
            setDeadline(
                hasBytesOfHead ? .head : .idle, in: hasBytesOfHead ? limits.head : limits.idle)
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
        }
        readOn()
    }

    // MARK: What comes in

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func channelActive(context: ChannelHandlerContext) {
        switch admission {
        case .taken: setDeadline(.head, in: limits.head)
        case .refused(let refusal):
            isAtEnd = true
            deliver(Arrival(content: .refused(.tooManyConnections(refusal), nil)))
        case .dropped: context.close(promise: nil)
        }
        context.fireChannelActive()
    }

    /// Looks at bytes before they are parsed.
    ///
    /// - Returns: whether they are to be parsed at all
    func bytesArrived(_ bytes: ByteBuffer) -> Bool {
        if isLingering {
            lingerBytes += bytes.readableBytes
            if lingerBytes > limits.lingerBytes { context?.close(promise: nil) }
        }
        guard !isAtEnd else { return false }
        guard body == nil else { return true }
        if !hasBytesOfHead {
            hasBytesOfHead = true
            hasFirstLine = false
            if !isAnswering { setDeadline(.head, in: limits.head) }
        }
        if !hasFirstLine { hasFirstLine = bytes.readableBytesView.contains(UInt8(ascii: "\n")) }
        return true
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isAtEnd else { return }
        switch unwrapInboundIn(data) {
        case .head(let head): begin(head)
        case .body(let chunk):
            bodyBytes += chunk.readableBytes
            body?.append(chunk)
        case .end:
            hasBytesOfHead = false
            body?.end(.success(()))
            endBody()
        }
    }

    private func begin(_ head: HTTPRequestHead) {
        deadline = nil
        if let refusal = head.refusal {
            isAtEnd = true
            deliver(Arrival(content: .refused(refusal, head)))
            return
        }
        bodyAnnounced = head.announcedBody
        if bodyAnnounced != 0 {
            body = makeBody()
            bodyBegan = .now()
            bodyBytes = 0
            awaitsContinue = head.expectsContinue
            setBodyDeadline()
        }
        deliver(Arrival(content: .request(head, body)))
    }

    private func makeBody() -> IncomingBody? {
        guard let loop = context?.eventLoop else { return nil }
        let connection = NIOLoopBound(self, eventLoop: loop)
        return IncomingBody { body in
            loop.runOnLoop { connection.value.wantsBody(body) }
        }
    }

    private func endBody() {
        body = nil
        awaitsContinue = false
        if deadline?.kind == .body { deadline = nil }
        if !isAnswering, arrivals.isEmpty, deadline == nil { setDeadline(.idle, in: limits.idle) }
    }

    private func deliver(_ arrival: Arrival) {
        guard let taker = taker.take() else {
            arrivals.append(arrival)
            return
        }
        isAnswering = true
        taker.resume(returning: arrival)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else {
            context.close(promise: nil)
            return
        }
        refuseRest(GatewayError(refusing: error, isInFirstLine: !hasFirstLine))
    }

    /// Nothing that follows can be read: the reader of the body learns it, or it is the next answer.
    private func refuseRest(_ refusal: GatewayError) {
        guard !isAtEnd else { return }
        isAtEnd = true
        deadline = nil
        if let body {
            endsAfterAnswer = true
            body.end(.failure(refusal))
            if !isAnswering, arrivals.isEmpty { abort() }
        } else {
            deliver(Arrival(content: .refused(refusal, nil)))
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            isInputClosed = true
            endsAfterAnswer = true
            if isLingering || !isAnswering && arrivals.isEmpty { context.close(promise: nil) }
        case is ChannelShouldQuiesceEvent:
            endsAfterAnswer = true
            if !isAnswering, arrivals.isEmpty { context.close(promise: nil) }
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        leave()
    }

    private func leave() {
        context = nil
        timer?.cancel()
        timer = nil
        body?.end(
            .failure(
                GatewayError(.badRequest, .requestMalformed, "The request did not come to its end.")
            )
        )
        body = nil
        taker.take()?.resume(returning: nil)
    }

    private func linger(_ context: ChannelHandlerContext) {
        isLingering = true
        isAtEnd = true
        body = nil
        context.close(mode: .output, promise: nil)
        setDeadline(.linger, in: limits.linger)
        readOn()
    }

    // MARK: Reading no more than is needed

    func read(context: ChannelHandlerContext) {
        guard wantsBytes else {
            isReadHeld = true
            if body != nil { readHeldSince = .now() }
            return
        }
        context.read()
    }

    private var wantsBytes: Bool {
        if isLingering { return true }
        if let body { return body.bytesAhead < limits.bodyAhead }
        return arrivals.isEmpty
    }

    private func readOn() {
        guard isReadHeld, wantsBytes, let context else { return }
        isReadHeld = false
        if let since = readHeldSince {
            bodyBegan = bodyBegan + (.now() - since)
            readHeldSince = nil
        }
        context.read()
    }

    // MARK: Deadlines

    private func setBodyDeadline() {
        let earned = TimeAmount.milliseconds(Int64(bodyBytes) * 1000 / Int64(limits.bodyRate))
        setDeadline(.body, at: bodyBegan + limits.bodyAllowance + earned)
    }

    private func setDeadline(_ kind: Deadline, in time: TimeAmount) {
        setDeadline(kind, at: .now() + time)
    }

    /// There is one timer, which is set anew only for what is due before it: most deadlines are met, and
    /// are forgotten before anybody looks.
    private func setDeadline(_ kind: Deadline, at time: NIODeadline) {
        deadline = (time, kind)
        if timer == nil || time < timerIsDue { startTimer(at: time) }
    }

    private func startTimer(at time: NIODeadline) {
        guard let context else { return }
        timer?.cancel()
        timerIsDue = time
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: time) { [self] in
            timer = nil
            guard let deadline else { return }
            if deadline.at > .now() {
                startTimer(at: deadline.at)
            } else {
                expire(deadline.kind)
            }
        }
    }

    private func expire(_ kind: Deadline) {
        deadline = nil
        switch kind {
        case .idle, .linger: context?.close(promise: nil)
        case .head:
            guard !isAnswering else { return }
            // Who has sent nothing has asked nothing, and gets no answer.
            guard hasBytesOfHead else {
                abort()
                return
            }
            refuseRest(.timedOut("The head of the request took too long to arrive."))
        case .body:
            guard readHeldSince == nil else {
                setDeadline(.body, in: limits.bodyAllowance)
                return
            }
            setBodyDeadline()
            guard let earned = deadline?.at, earned <= .now() else { return }
            deadline = nil
            refuseRest(.timedOut("The body of the request came too slowly."))
        case .response:
            let left = unsent
            guard left != unsentAtLastLook else {
                abort()
                return
            }
            unsentAtLastLook = left
            setDeadline(.response, in: limits.stalledResponse)
        }
    }
}
