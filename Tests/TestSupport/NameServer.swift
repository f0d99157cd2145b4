import Glibc
import Synchronization

/// A DNS server on a loopback address of its own, port 53: it knows no name, or says nothing at all.
package final class NameServer: Sendable {
    /// What a resolver is configured with (resolv.conf(5)).
    package let address: String
    private let socket: Int32
    private let isStopped = Atomic(false)
    private let knowsNothing: Bool

    /// Whether port 53 may be had on this machine.
    package static let mayListen: Bool = {
        let server = NameServer(knowsNothing: true)
        server?.stop()
        return server != nil
    }()

    /// Listens; nil where port 53 may not be had.
    ///
    /// - Parameter knowsNothing: whether each question is answered with NXDOMAIN; else with nothing
    package init?(knowsNothing: Bool) {
        self.knowsNothing = knowsNothing
        socket = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        // Others may run the same tests: each run has an address of its own of 127.0.0.0/8.
        var generator = SystemRandomNumberGenerator()
        let numbers = (0..<3).map { _ in UInt32.random(in: 2...250, using: &generator) }
        address = "127.\(numbers[0]).\(numbers[1]).\(numbers[2])"
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = UInt16(53).bigEndian
        place.sin_addr.s_addr =
            (127 << 24 | numbers[0] << 16 | numbers[1] << 8 | numbers[2]).bigEndian
        var patience = timeval(tv_sec: 0, tv_usec: 100_000)
        setsockopt(
            socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafePointer(to: &place) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, length) }
        }
        guard socket >= 0, result == 0,
            (try? startThread({ [self] in serve() })) != nil
        else {
            close(socket)
            return nil
        }
    }

    package func stop() { isStopped.store(true, ordering: .releasing) }

    private func serve() {
        while !isStopped.load(ordering: .acquiring) {
            var question = [UInt8](repeating: 0, count: 512)
            var asker = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            withUnsafeMutablePointer(to: &asker) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { asker in
                    let count = recvfrom(socket, &question, question.count, 0, asker, &length)
                    guard knowsNothing, count >= 12 else { return }
                    // RFC 1035 section 4.1.1: QR and RD; RA and NXDOMAIN.
                    question[2] = 0x81
                    question[3] = 0x83
                    sendto(socket, question, count, 0, asker, length)
                }
            }
        }
        close(socket)
    }
}

/// A port on loopback that takes no connection and refuses none: its queue is full, and the kernel
/// drops what comes.
package final class SilentPort: Sendable {
    package let port: UInt16
    private let sockets: [Int32]

    package init() throws {
        let (listener, port) = try bindToLoopback()
        self.port = port
        guard listen(listener, 0) == 0 else { throw ScriptedServerFailure(errno: errno) }
        // One fits into a queue of the length 0, and one more may be on its way.
        let waiting = (0..<3).map { _ in
            let client = socket(
                AF_INET,
                Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
                    | Int32(SOCK_NONBLOCK.rawValue), 0)
            _ = withLoopback(port) { connect(client, $0, $1) }
            return client
        }
        sockets = waiting + [listener]
    }

    deinit {
        for socket in sockets { close(socket) }
    }
}
