import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// Serves connections: parses, asks the routes, writes.
///
/// Takes the place of the web framework's own HTTP/1 channel, which answers what it cannot parse with an
/// empty 400, has no deadline for a head, and copies every file through memory.
struct GatewayServer<Responder: HTTPResponder>: ServerChildChannel
where Responder.Context == GatewayRequestContext {
    private let responder: Responder
    private let frame: RequestFrame
    private let limits: ConnectionLimits
    private let counts: ConnectionCounts
    private let executors: EventLoopExecutors

    init(
        _ responder: Responder, _ frame: RequestFrame, _ limits: ConnectionLimits,
        on group: any EventLoopGroup
    ) {
        self.responder = responder
        self.frame = frame
        self.limits = limits
        counts = ConnectionCounts(limits)
        executors = EventLoopExecutors(group)
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<ConnectionLink> {
        channel.eventLoop.makeCompletedFuture {
            let peer = ClientAddress(channel.remoteAddress)
            let connection = HTTPConnection(limits, counts.opened(peer))
            channel.closeFuture.whenComplete { [counts] _ in counts.closed(peer) }
            let decoder = HTTPRequestDecoder(
                leftOverBytesStrategy: .dropBytes,
                limitConfiguration: ConnectionLimits.decoder)
            try channel.pipeline.syncOperations.addHandlers(
                ByteObserver(connection), ByteToMessageHandler(decoder), connection)
            return ConnectionLink(connection, channel, peer: peer)
        }
    }

    func handle(value link: ConnectionLink, logger: Logger) async {
        await withTaskExecutorPreference(executors[link.channel.eventLoop]) {
            await withTaskCancellationHandler {
                await serve(link)
                try? await link.channel.closeFuture.get()
            } onCancel: {
                link.abort()
            }
        }
    }

    private func serve(_ link: ConnectionLink) async {
        while let arrival = await link.next() {
            let answer = await frame.answer(arrival, from: link.peer, by: responder)
            guard let canBeKept = try? await link.canBeKept() else { return }
            let writer = AnswerWriter(answer.response, to: arrival, canBeKept: canBeKept, link)
            do {
                if let length = answer.response.body.contentLength, length <= AnswerWriter.small {
                    // It goes out with its head in one write, and counts as sent.
                    answer.line.write(bytes: length)
                    try await answer.response.body.write(writer)
                } else {
                    defer { answer.line.write(bytes: writer.bytes) }
                    try await answer.response.body.write(writer)
                }
            } catch {
                link.abort()
            }
            if !writer.isFinished { link.abort() }
        }
    }
}
