import Glibc
import Synchronization
import SystemPackage

extension ScriptedServer {
    func acceptConnections() {
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
        case .trickle(let bytes, until: let gate):
            return trickle(bytes, until: gate, on: connection)
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

    private func trickle(_ bytes: [UInt8], until gate: Gate, on connection: Int32) -> Bool {
        var rest = bytes[...]
        var piece = bytes.count / 2
        while rest.count > piece {
            guard sendAll(connection, Array(rest.prefix(piece))) else { return false }
            rest = rest.dropFirst(piece)
            piece = max(bytes.count / 100, 1)
            var events = [connection, gate.opened.rawValue].map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            _ = poll(&events, 2, 1_000)
            // The client has gone.
            if events[0].revents != 0 { return false }
            if events[1].revents != 0 { break }
        }
        return sendAll(connection, Array(rest))
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
