import NIOCore

/// Shows a connection its bytes before they are parsed: when a head begins, and what is thrown away.
final class ByteObserver: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let connection: HTTPConnection

    init(_ connection: HTTPConnection) {
        self.connection = connection
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard connection.bytesArrived(unwrapInboundIn(data)) else { return }
        context.fireChannelRead(data)
    }
}
