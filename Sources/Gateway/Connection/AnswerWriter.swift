import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOHTTP1
import Synchronization

/// A writer that takes parts of a file, which the kernel sends from there (`sendfile`) and no program
/// copies.
protocol FileBodyWriter: ResponseBodyWriter {
    /// Sends these bytes of the file.
    mutating func send(_ file: OpenedFile, _ range: Range<Int>) async throws
}

/// Writes one answer on a connection, and counts what of its body went out.
///
/// The head waits for the first bytes of the body, so that a small answer is one write.
final class AnswerWriter: FileBodyWriter, Sendable {
    /// How the end of the body is told (RFC 9112, section 6.3).
    private enum Framing {
        case length
        case chunks
        case close
    }

    /// Answers up to here are put together and sent at once.
    static let small = 64 << 10
    /// How much of a file is sent before others on the event loop have their turn, and how exactly the
    /// log knows what went out when the connection breaks.
    private static let filePart = 256 << 10

    private struct State {
        var head: ByteBuffer?
        var kept: [IOData] = []
        var bytes = 0
        var isFinished = false
    }

    private let link: ConnectionLink
    private let framing: Framing
    private let isSmall: Bool
    private let isKept: Bool
    private let state: Mutex<State>

    /// - Parameters:
    ///   - response: what is answered
    ///   - arrival: to what
    ///   - canBeKept: whether the connection is in a state to be kept
    ///   - link: the connection
    init(_ response: Response, to arrival: Arrival, canBeKept: Bool, _ link: ConnectionLink) {
        let isOld = arrival.head.map { $0.version != .http1_1 } ?? false
        let length = response.body.contentLength
        let hasNoBody = response.status == .notModified || response.status == .noContent
        framing = hasNoBody || length != nil ? .length : isOld ? .close : .chunks
        isKept = canBeKept && arrival.keepsConnection && framing != .close
        isSmall = length.map { $0 <= Self.small } ?? false
        var head = ByteBuffer()
        head.writeHead(response, hasLength: !hasNoBody)
        if framing == .chunks { head.writeStaticString("Transfer-Encoding: chunked\r\n") }
        if !isKept {
            head.writeStaticString("Connection: close\r\n")
        } else if isOld {
            head.writeStaticString("Connection: keep-alive\r\n")
        }
        head.writeStaticString("\r\n")
        state = Mutex(State(head: head))
        self.link = link
    }

    /// How many bytes of the body were handed to the socket.
    var bytes: Int { state.withLock { $0.bytes } }

    /// Whether the whole answer was.
    var isFinished: Bool { state.withLock { $0.isFinished } }

    func write(_ buffer: ByteBuffer) async throws {
        guard buffer.readableBytes > 0 else { return }
        try await write(buffer.readableBytes, framed(buffer))
    }

    func send(_ file: OpenedFile, _ range: Range<Int>) async throws {
        guard framing == .length else { preconditionFailure("the length of a file is known") }
        var start = range.lowerBound
        try await file.withHandle { handle in
            while start < range.upperBound {
                let end = min(start + Self.filePart, range.upperBound)
                let region = FileRegion(fileHandle: handle, readerIndex: start, endIndex: end)
                try await write(end - start, [.fileRegion(region)], isFlushed: true)
                start = end
            }
        }
    }

    func finish(_ trailingHeaders: HTTPFields?) async throws {
        var parts = state.withLock { state in
            state.isFinished = true
            let head = state.head.take().map { [IOData.byteBuffer($0)] } ?? []
            defer { state.kept = [] }
            return head + state.kept
        }
        if framing == .chunks { parts.append(.byteBuffer(ByteBuffer(string: "0\r\n\r\n"))) }
        try await link.write(parts, isLast: isKept)
        try await link.finish(isKept: isKept)
    }

    private func framed(_ buffer: ByteBuffer) -> [IOData] {
        guard framing == .chunks else { return [.byteBuffer(buffer)] }
        let size = ByteBuffer(string: String(buffer.readableBytes, radix: 16) + "\r\n")
        return [
            .byteBuffer(size), .byteBuffer(buffer), .byteBuffer(ByteBuffer(string: "\r\n")),
        ]
    }

    /// Sends the parts, or keeps them for the end of a small answer.
    private func write(_ count: Int, _ parts: [IOData], isFlushed: Bool = false) async throws {
        let now = state.withLock { state -> [IOData]? in
            guard isFlushed || !isSmall else {
                state.kept += parts
                state.bytes += count
                return nil
            }
            let head = state.head.take().map { [IOData.byteBuffer($0)] } ?? []
            defer { state.kept = [] }
            return head + state.kept + parts
        }
        guard let now else { return }
        try await link.write(now, isLast: false)
        state.withLock { $0.bytes += count }
    }
}
