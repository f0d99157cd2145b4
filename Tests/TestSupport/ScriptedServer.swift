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

    private struct State {
        var requests: [Request] = []
        var connections: Set<Int32> = []
        var connectionCount = 0
        var threads: [pthread_t] = []
        var isStopped = false
        var waiters: [(count: Int, waiter: CheckedContinuation<Void, Never>)] = []
    }

    private let listener: Int32
    package let port: UInt16
    private let greeting: [UInt8]
    private let script: Script
    private let state = Mutex(State())

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

/// A port on loopback that refuses connections, and that nobody else is given while this lives.
package struct RefusingPort: ~Copyable {
    package let port: UInt16
    private let socket: Int32

    package init() throws {
        // Bound, so that it is taken, and never listening.
        (socket, port) = try bindToLoopback()
    }

    deinit { close(socket) }
}

// MARK: - Connections

extension ScriptedServer {
    private func acceptConnections() {
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else {
                if errno == EINTR || errno == ECONNABORTED { continue }
                return
            }
            state.withLock { state in
                guard !state.isStopped,
                    let thread = try? startThread({ [self] in serve(connection) })
                else {
                    close(connection)
                    return
                }
                state.connections.insert(connection)
                state.connectionCount += 1
                state.threads.append(thread)
            }
        }
    }

    private func serve(_ connection: Int32) {
        var on: Int32 = 1
        setsockopt(
            connection, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        var pending: [UInt8] = []
        let isGreeted = sendAll(connection, greeting)
        while isGreeted, let request = readRequest(connection, &pending) {
            guard script(request).allSatisfy({ perform($0, on: connection) }) else { break }
        }
        // Under the lock, so that `stop()` never shuts down a number that means another file by now.
        state.withLock {
            $0.connections.remove(connection)
            close(connection)
        }
    }

    /// Does one step; false when the connection is at its end.
    private func perform(_ step: Step, on connection: Int32) -> Bool {
        switch step {
        case .send(let bytes):
            return sendAll(connection, bytes)
        case .drip(let bytes):
            return bytes.allSatisfy { sendAll(connection, [$0]) }
        case .crawl(let bytes):
            return bytes.allSatisfy { byte in
                var end = pollfd(fd: connection, events: Int16(POLLIN), revents: 0)
                // Woken when the client has gone: nobody waits for the rest.
                return sendAll(connection, [byte]) && poll(&end, 1, 1_000) == 0
            }
        case .sendForever(let bytes):
            while sendAll(connection, bytes) {}
            return false
        case .perform(let work):
            work()
            return true
        case .holdUntilClientCloses:
            var byte: UInt8 = 0
            while recv(connection, &byte, 1, 0) > 0 {}
            return false
        case .tunnel(let port):
            tunnel(connection, to: port)
            return false
        case .close:
            return false
        case .reset:
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(
                connection, SOL_SOCKET, SO_LINGER, &linger,
                socklen_t(MemoryLayout<Glibc.linger>.size))
            return false
        }
    }

    private func readRequest(_ connection: Int32, _ pending: inout [UInt8]) -> Request? {
        let blank = Array("\r\n\r\n".utf8)
        var end = pending.firstRange(of: blank)
        while end == nil {
            guard receive(connection, &pending) else { return nil }
            end = pending.firstRange(of: blank)
        }
        guard let end else { return nil }
        let lines = String(decoding: pending[..<end.lowerBound], as: UTF8.self)
            .split(separator: "\r\n", omittingEmptySubsequences: false)
        let words = lines[0].split(separator: " ")
        let headers = lines.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            return (
                name: String(parts[0]),
                value: parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
            )
        }
        let lengthField = headers.first { $0.name.lowercased() == "content-length" }
        let length = lengthField.flatMap { Int($0.value) } ?? 0
        while pending.count < end.upperBound + length {
            guard receive(connection, &pending) else { return nil }
        }
        let body = Array(pending[end.upperBound..<end.upperBound + length])
        pending.removeFirst(end.upperBound + length)
        return record { number in
            Request(
                number: number, method: String(words.first ?? ""),
                target: words.count > 1 ? String(words[1]) : "", headers: headers, body: body)
        }
    }

    private func record(_ make: (Int) -> Request) -> Request {
        let (request, ready) = state.withLock { state in
            let request = make(state.requests.count)
            state.requests.append(request)
            let count = state.requests.count
            let ready = state.waiters.filter { $0.count <= count }.map { $0.waiter }
            state.waiters.removeAll { $0.count <= count }
            return (request, ready)
        }
        for waiter in ready { waiter.resume() }
        return request
    }

    private func tunnel(_ client: Int32, to port: UInt16) {
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(server) }
        guard server >= 0, withLoopback(port, { connect(server, $0, $1) }) == 0 else { return }
        var ends = [
            pollfd(fd: client, events: Int16(POLLIN), revents: 0),
            pollfd(fd: server, events: Int16(POLLIN), revents: 0),
        ]
        while poll(&ends, nfds_t(ends.count), -1) > 0 {
            for index in ends.indices where ends[index].revents != 0 {
                var bytes: [UInt8] = []
                guard receive(ends[index].fd, &bytes), sendAll(ends[1 - index].fd, bytes) else {
                    return
                }
            }
        }
    }
}

// MARK: - Sockets and threads

func bindToLoopback() throws -> (Int32, UInt16) {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard listener >= 0 else { throw ScriptedServerFailure(errno: errno) }
    guard withLoopback(0, { bind(listener, $0, $1) }) == 0 else {
        throw ScriptedServerFailure(errno: errno)
    }
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &length) }
    }
    guard result == 0 else { throw ScriptedServerFailure(errno: errno) }
    return (listener, UInt16(bigEndian: address.sin_port))
}

func withLoopback(
    _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
) -> Int32 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
}

/// Appends what has arrived; false at the end of the connection.
func receive(_ connection: Int32, _ bytes: inout [UInt8]) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = recv(connection, &buffer, buffer.count, 0)
    guard count > 0 else { return false }
    bytes.append(contentsOf: buffer[..<count])
    return true
}

func sendAll(_ connection: Int32, _ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
        let count = bytes[sent...].withUnsafeBytes {
            send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        guard count > 0 else { return false }
        sent += count
    }
    return true
}

/// What a new thread runs, in a box that its C argument can point to.
private final class ThreadBody: Sendable {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

func startThread(_ run: @escaping @Sendable () -> Void) throws -> pthread_t {
    let reference = Unmanaged.passRetained(ThreadBody(run))
    var thread = pthread_t()
    let result = pthread_create(
        &thread, nil,
        { argument in
            guard let argument else { return nil }
            Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run()
            return nil
        }, reference.toOpaque())
    guard result == 0 else {
        reference.release()
        throw ScriptedServerFailure(errno: result)
    }
    return thread
}

/// The machine refused a socket or a thread.
package struct ScriptedServerFailure: Error {
    package let errno: Int32
}
