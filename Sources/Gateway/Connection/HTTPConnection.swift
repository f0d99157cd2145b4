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
/// 3. In a body: its reader gets 408 when it comes too slowly. No time runs while it is not read from
///    the socket, before the client was told to send it, and before its request is answered.
/// 4. In an answer: closed when the client takes nothing for ``ConnectionLimits/stalledResponse``.
/// 5. Lingering: the answer is out and says that the connection ends, what still comes is thrown away
///    (RFC 9112, section 9.6), until the client closes.
///
/// One request is answered at a time; when another waits already, nothing more is read.
final class HTTPConnection: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    enum Deadline {
        case idle, head, body, response, linger
    }

    let limits: ConnectionLimits
    private let admission: ConnectionCounts.Admission
    var context: ChannelHandlerContext?

    var arrivals: CircularBuffer<Arrival> = []
    var taker: CheckedContinuation<Arrival?, Never>?
    /// What is answered now; its body may be over, and ``body`` that of a request behind it.
    var answered: Arrival?
    var isAnswering: Bool { answered != nil }

    /// The body that comes in, until its end.
    var body: IncomingBody?
    /// When it is too slow, as far as its bytes have come (``ConnectionLimits/bodyRate``).
    var bodyDue = NIODeadline.now()
    var bodyBytes = 0
    var bodyAnnounced: Int? = 0
    /// The client holds it back until it is told to go on.
    var awaitsContinue = false
    /// Whether it belongs to what is answered now.
    var isBodyOfAnswered: Bool { body != nil && body === answered?.body }

    var hasBytesOfHead = false
    private var hasFirstLine = false
    /// Nothing that comes now is a request: the parser gave up, or the client has said all.
    var isAtEnd = false
    var isInputClosed = false
    var endsAfterAnswer = false
    var isLingering = false
    private var lingerBytes = 0

    private var isReadHeld = false
    var readHeldSince: NIODeadline?
    var deadlines: DeadlineTimer<Deadline>?
    var unsentAtLastLook = 0

    init(_ limits: ConnectionLimits, _ admission: ConnectionCounts.Admission) {
        self.limits = limits
        self.admission = admission
    }

    // MARK: What comes in

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        deadlines = DeadlineTimer(context.eventLoop) { [weak self] in self?.expire($0) }
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
            earnTime(chunk.readableBytes)
            body?.append(chunk)
        case .end:
            hasBytesOfHead = false
            body?.end(.success(()))
            endBody()
        }
    }

    private func begin(_ head: HTTPRequestHead) {
        forgetDeadlineOfClient()
        if let refusal = head.refusal {
            isAtEnd = true
            deliver(Arrival(content: .refused(refusal, head)))
            return
        }
        bodyAnnounced = head.announcedBody
        if bodyAnnounced != 0 {
            body = makeBody()
            bodyBytes = 0
            bodyDue = .now() + limits.bodyAllowance
            awaitsContinue = head.expectsContinue
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
        if deadlines?.kind == .body { deadlines?.forget() }
        if !isAnswering, arrivals.isEmpty, deadlines?.kind == nil {
            setDeadline(.idle, in: limits.idle)
        }
    }

    private func deliver(_ arrival: Arrival) {
        guard let taker = taker.take() else {
            arrivals.append(arrival)
            return
        }
        beginAnswering(arrival)
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
    func refuseRest(_ refusal: GatewayError) {
        guard !isAtEnd else { return }
        isAtEnd = true
        forgetDeadlineOfClient()
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
        deadlines?.clear()
        deadlines = nil
        body?.end(
            .failure(
                GatewayError(.badRequest, .requestMalformed, "The request did not come to its end.")
            )
        )
        body = nil
        taker.take()?.resume(returning: nil)
    }

    // MARK: Reading no more than is needed

    func read(context: ChannelHandlerContext) {
        guard wantsBytes else {
            isReadHeld = true
            if body != nil, readHeldSince == nil { readHeldSince = .now() }
            return
        }
        context.read()
    }

    private var wantsBytes: Bool {
        if isLingering { return true }
        if let body { return body.bytesAhead < limits.bodyAhead }
        return arrivals.isEmpty
    }

    func readOn() {
        guard isReadHeld, wantsBytes, let context else { return }
        isReadHeld = false
        if let since = readHeldSince {
            bodyDue = bodyDue + (.now() - since)
            readHeldSince = nil
        }
        context.read()
    }
}
