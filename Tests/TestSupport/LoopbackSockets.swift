import Glibc

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
