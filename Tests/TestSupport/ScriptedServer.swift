import Glibc
import Synchronization

/// An HTTP server on loopback that does exactly what a test's script says, byte by byte.
///
/// The kernel chooses the port. A thread accepts; each connection has a thread of its own, which
/// reads a request, asks the script for the steps that answer it, and does them. Nothing sleeps:
/// what must happen in order is ordered by bytes, or by a step that waits for the test.
package final class ScriptedServer: Sendable {
    /// What the script is told of a request.
    package struct Request: Sendable {
        /// 0 for the first request that this server received, and so on.
        package let number: Int
        package let method: String
        /// The target as sent: a path, or an absolute URL or `host:port` for a proxy.
        package let target: String
        package let headers: [(name: String, value: String)]
        package let body: [UInt8]

        /// The first field of that name, whatever the case of its letters.
        package func header(_ name: String) -> String? {
            headers.first { $0.name.lowercased() == name.lowercased() }?.value
        }
    }

    /// One thing that the server does.
    package enum Step: Sendable {
        case send([UInt8])
        /// Sends each byte by itself.
        case drip([UInt8])
        /// Sends a byte a second, as the slowest of networks.
        case crawl([UInt8])
        /// Sends half, then a hundredth a second until the gate opens, then the rest.
        ///
        /// As slow as it must be for the test to see it under way, and too fast to be given up.
        case trickle([UInt8], until: Gate)
        /// Sends this again and again until the client goes away.
        case sendForever([UInt8])
        /// Does something of the test's on the connection's thread: waits for it, tells it.
        case perform(@Sendable () -> Void)
        /// Sends nothing and waits until the client goes away.
        case holdUntilClientCloses
        /// Joins the client with a port on loopback, as a proxy does after CONNECT.
        case tunnel(port: UInt16)
        case close
        /// Ends the connection with RST.
        case reset

        package static func text(_ text: String) -> Step { .send(Array(text.utf8)) }

        /// A whole response; `Content-Length` is the body's unless a header says otherwise.
        package static func response(
            _ status: Int, _ headers: [(String, String)] = [], body: [UInt8] = []
        ) -> Step {
            .send(head(status, headers, length: body.count) + body)
        }

        /// The head of a response with the `Content-Length` given, unless a header says otherwise.
        package static func head(
            _ status: Int, _ headers: [(String, String)] = [], length: Int
        ) -> [UInt8] {
            var text = "HTTP/1.1 \(status) Scripted\r\n"
            for (name, value) in headers { text += "\(name): \(value)\r\n" }
            let names = headers.map { $0.0.lowercased() }
            if !names.contains("content-length"), !names.contains("transfer-encoding") {
                text += "Content-Length: \(length)\r\n"
            }
            return Array((text + "\r\n").utf8)
        }
    }

    package typealias Script = @Sendable (Request) -> [Step]

    struct State {
        var requests: [Request] = []
        var connections: Set<Int32> = []
        var connectionCount = 0
        var threads: [pthread_t] = []
        var isStopped = false
        var waiters: [(count: Int, waiter: CheckedContinuation<Void, Never>)] = []
    }

    let listener: Int32
    package let port: UInt16
    let greeting: [UInt8]
    let script: Script
    let state = Mutex(State())

    /// Starts to listen; every request is answered as `script` says.
    ///
    /// `greeting` is sent to each connection before anything is read.
    package init(greeting: [UInt8] = [], _ script: @escaping Script) throws {
        self.greeting = greeting
        self.script = script
        (listener, port) = try bindToLoopback()
        guard listen(listener, 64) == 0 else { throw ScriptedServerFailure(errno: errno) }
        // Under the lock, so that the accepting thread is the first in the list.
        try state.withLock { try $0.threads.append(startThread { [self] in acceptConnections() }) }
    }

    /// `http://127.0.0.1:PORT` and the path given.
    package func url(_ path: String = "/") -> String { "http://127.0.0.1:\(port)\(path)" }

    /// What was received so far.
    package var requests: [Request] { state.withLock { $0.requests } }

    /// How many connections were accepted so far.
    package var connectionCount: Int { state.withLock { $0.connectionCount } }

    /// Waits until that many requests have been received.
    package func waitForRequests(_ count: Int) async {
        await withCheckedContinuation { waiter in
            let isThere = state.withLock { state in
                if state.requests.count < count { state.waiters.append((count, waiter)) }
                return state.requests.count >= count
            }
            if isThere { waiter.resume() }
        }
    }

    /// Ends every connection and waits for the threads.
    package func stop() {
        let threads = state.withLock { state in
            state.isStopped = true
            for connection in state.connections { shutdown(connection, Int32(SHUT_RDWR)) }
            defer { state.threads = [] }
            return state.threads
        }
        guard let accepting = threads.first else { return }
        shutdown(listener, Int32(SHUT_RDWR))
        pthread_join(accepting, nil)
        for thread in threads.dropFirst() { pthread_join(thread, nil) }
        close(listener)
    }
}

/// Runs `body` with a server that follows the script, and stops the server afterwards.
package func withScriptedServer<Value>(
    _ script: @escaping ScriptedServer.Script, _ body: (ScriptedServer) async throws -> Value
) async throws -> Value {
    let server = try ScriptedServer(script)
    defer { server.stop() }
    return try await body(server)
}
