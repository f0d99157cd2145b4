import NIOCore
import Synchronization

/// A request's body while it comes in: read by a route, filled by the connection.
///
/// The connection is told when more is wanted: before the first byte, since a client may wait for that
/// (`Expect: 100-continue`), and whenever what was read ahead has been taken.
final class IncomingBody: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    private struct State {
        var chunks: CircularBuffer<ByteBuffer> = []
        var bytes = 0
        var isDiscarded = false
        var end: Result<Void, any Error>?
        var reader: CheckedContinuation<ByteBuffer?, any Error>?
    }

    private let state = Mutex(State())
    private let wanted: @Sendable (IncomingBody) -> Void

    /// - Parameter wanted: told that a reader waits for bytes
    init(wanted: @escaping @Sendable (IncomingBody) -> Void) {
        self.wanted = wanted
    }

    /// How many bytes wait to be taken.
    var bytesAhead: Int { state.withLock { $0.bytes } }

    /// Takes the next bytes from the connection.
    func append(_ chunk: ByteBuffer) {
        let reader = state.withLock { state -> CheckedContinuation<ByteBuffer?, any Error>? in
            guard !state.isDiscarded, state.end == nil else { return nil }
            if let reader = state.reader.take() { return reader }
            state.chunks.append(chunk)
            state.bytes += chunk.readableBytes
            return nil
        }
        reader?.resume(returning: chunk)
    }

    /// Ends it, whole or with what went wrong; the first end counts.
    func end(_ result: Result<Void, any Error>) {
        let reader = state.withLock { state -> CheckedContinuation<ByteBuffer?, any Error>? in
            guard state.end == nil else { return nil }
            state.end = result
            return state.reader.take()
        }
        reader?.resume(with: result.map { nil })
    }

    /// Keeps nothing any more: the answer is given, and the rest is of no interest.
    func discard() {
        state.withLock { state in
            state.isDiscarded = true
            state.chunks.removeAll()
            state.bytes = 0
        }
    }

    /// The next bytes, or nil at the end.
    fileprivate func next() async throws -> ByteBuffer? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let ready = state.withLock { state -> Result<ByteBuffer?, any Error>? in
                    if let chunk = state.chunks.popFirst() {
                        state.bytes -= chunk.readableBytes
                        return .success(chunk)
                    }
                    if let end = state.end { return end.map { nil } }
                    state.reader = continuation
                    return nil
                }
                if let ready { continuation.resume(with: ready) }
                if case .success(nil) = ready { return }
                wanted(self)
            }
        } onCancel: {
            end(.failure(CancellationError()))
        }
    }

    func makeAsyncIterator() -> Iterator { Iterator(body: self) }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate let body: IncomingBody

        mutating func next() async throws -> ByteBuffer? { try await body.next() }
    }
}
