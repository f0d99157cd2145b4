import HummingbirdCore
import NIOCore

/// What the task that answers a connection's requests holds of it; from any thread, but made to be used
/// from the connection's event loop.
struct ConnectionLink: ServerChildChannelValue {
    let channel: any Channel
    /// The other end of the connection: the client, or the proxy in front.
    let peer: ClientAddress?
    private let connection: NIOLoopBound<HTTPConnection>

    /// - Parameters:
    ///   - connection: the handler, on whose event loop this is called
    ///   - channel: the connection's
    ///   - peer: the other end
    init(_ connection: HTTPConnection, _ channel: any Channel, peer: ClientAddress?) {
        self.channel = channel
        self.peer = peer
        self.connection = NIOLoopBound(connection, eventLoop: channel.eventLoop)
    }

    /// The next request, or nil once no other comes.
    func next() async -> Arrival? {
        await withCheckedContinuation { continuation in
            channel.eventLoop.runOnLoop { connection.value.take(continuation) }
        }
    }

    func canBeKept() async throws -> Bool {
        try await onLoop { $0.canBeKept }
    }

    /// Writes, and returns once the client has been sent it or, for a little at the end, once it waits in
    /// the socket's queue.
    ///
    /// - Throws: ``ConnectionBroken``.
    func write(_ parts: [IOData], isLast: Bool) async throws {
        let written = try await onLoop { connection -> EventLoopFuture<Void>? in
            guard let written = connection.write(parts) else { throw ConnectionBroken() }
            if isLast, !connection.isCongested { return nil }
            connection.watchWriting()
            return written
        }
        guard let written else { return }
        try await written.get()
        try await onLoop { $0.resumeAfterWriting() }
    }

    func unsent() async throws -> Int {
        try await onLoop { $0.unsent }
    }

    func finish(isKept: Bool) async throws {
        try await onLoop { $0.finish(isKept: isKept) }
    }

    func abort() {
        channel.eventLoop.runOnLoop { connection.value.abort() }
    }

    private func onLoop<Value: Sendable>(
        _ body: @escaping @Sendable (HTTPConnection) throws -> Value
    ) async throws -> Value {
        if channel.eventLoop.inEventLoop { return try body(connection.value) }
        return try await channel.eventLoop.submit { try body(connection.value) }.get()
    }
}

/// The connection ended before the answer did.
struct ConnectionBroken: Error {}
