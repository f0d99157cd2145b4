import Glibc
import Synchronization

/// A server between a client and a real one, on loopback: passes everything on, and back, but for what
/// the test spoils.
///
/// The answers that it passes are the real server's, so that signatures, tokens and digests are right
/// and the fault is the only thing that is not.
package final class MiddleServer: Sendable {
    /// What the real server answered.
    package struct Answer: Sendable {
        package let status: Int
        package var headers: [(String, String)]
        package var body: [UInt8]

        package init(status: Int, headers: [(String, String)], body: [UInt8]) {
            self.status = status
            self.headers = headers
            self.body = body
        }

        /// As it is passed on.
        package var step: ScriptedServer.Step { .response(status, headers, body: body) }

        /// As it is passed on where it shall be seen under way: not wholly until the gate opens.
        package func trickle(until gate: Gate) -> [ScriptedServer.Step] {
            [
                .send(ScriptedServer.Step.head(status, headers, length: body.count)),
                .trickle(body, until: gate),
            ]
        }
    }

    /// Decides what a request is answered with; nil: with the real answer.
    ///
    /// - Parameters:
    ///   - request: what was asked
    ///   - count: how many requests with this target came before
    ///   - real: asks the real server
    package typealias Fault =
        @Sendable (
            _ request: ScriptedServer.Request, _ count: Int, _ real: () -> Answer
        ) -> [ScriptedServer.Step]?

    private final class Way: Sendable {
        let fault = Mutex<Fault?>(nil)
        let counts = Mutex<[String: Int]>([:])
    }

    private let way: Way
    private let server: ScriptedServer

    /// Listens before the real server at a port of loopback.
    package init(before port: UInt16) throws {
        let way = Way()
        self.way = way
        server = try ScriptedServer { request in
            let count = way.counts.withLock { counts in
                defer { counts[request.target, default: 0] += 1 }
                return counts[request.target, default: 0]
            }
            let real = { ask(port, request) }
            if let steps = way.fault.withLock(\.self)?(request, count, real) { return steps }
            return [real().step]
        }
    }

    package var port: UInt16 { server.port }
    package var url: String { "http://127.0.0.1:\(server.port)" }
    package var requests: [ScriptedServer.Request] { server.requests }

    /// What to spoil from now on; nil: nothing any more.
    ///
    /// Requests are counted anew.
    package func spoil(_ fault: Fault?) {
        way.counts.withLock { $0 = [:] }
        way.fault.withLock { $0 = fault }
    }

    /// Gives requests whose target has that in it no answer from now on, and passes on the others.
    ///
    /// - Returns: an element for each that came
    package func hold(_ part: String) -> AsyncStream<Void> {
        let (asked, tell) = AsyncStream<Void>.makeStream()
        spoil { request, _, _ in
            guard request.target.contains(part) else { return nil }
            tell.yield()
            return [.holdUntilClientCloses]
        }
        return asked
    }

    package func stop() { server.stop() }
}

/// Asks a server at a port of loopback what was asked here.
///
/// Compression is not asked for, so that a byte of the body is a byte of the file.
package func ask(_ port: UInt16, _ request: ScriptedServer.Request) -> MiddleServer.Answer {
    let gone = MiddleServer.Answer(status: 502, headers: [], body: Array("gone".utf8))
    let connection = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard connection >= 0 else { return gone }
    defer { close(connection) }
    guard withLoopback(port, { connect(connection, $0, $1) }) == 0 else { return gone }
    let unsent = ["connection", "accept-encoding"]
    var head = "\(request.method) \(request.target) HTTP/1.1\r\n"
    for header in request.headers where !unsent.contains(header.name.lowercased()) {
        head += "\(header.name): \(header.value)\r\n"
    }
    var bytes: [UInt8] = []
    guard sendAll(connection, Array("\(head)Connection: close\r\n\r\n".utf8) + request.body) else {
        return gone
    }
    while receive(connection, &bytes) {}
    guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return gone }
    let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
    let headers = lines.dropFirst().compactMap { line -> (String, String)? in
        let parts = line.split(separator: ":", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        let name = String(parts[0])
        guard !["connection", "content-length"].contains(name.lowercased()) else { return nil }
        return (name, String(parts[1].drop { $0 == " " }))
    }
    let status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 502
    return MiddleServer.Answer(
        status: status, headers: headers, body: Array(bytes[end.upperBound...]))
}
