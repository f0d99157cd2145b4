import CNIOLinux
import CanonicalJSON
import Dispatch
import Glibc
import Synchronization
import SystemPackage

@testable import Gateway

/// A connection to the gateway on which a test writes whatever bytes it likes.
///
/// Blocks; a receive gives up after 30 seconds, so that a test fails and does not hang.
final class RawConnection: Sendable {
    private let descriptor: Int32
    private let isOpen = Mutex(true)
    /// What came behind the last answer.
    private let rest = Mutex<[UInt8]>([])

    init(_ port: UInt16, receiveBuffer: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        if var size = receiveBuffer {
            setsockopt(
                descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        var timeout = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw Errno(rawValue: errno) }
    }

    deinit { close() }

    func close() {
        let wasOpen = isOpen.withLock { isOpen in
            defer { isOpen = false }
            return isOpen
        }
        if wasOpen { _ = Glibc.close(descriptor) }
    }

    /// Says that nothing more is sent.
    func endSending() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// - Returns: false when the other end takes nothing any more
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// The next bytes, at most so many; none at the end, nil when the connection broke or nothing came.
    func receive(_ maximum: Int = 65_536) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: maximum)
        let count = recv(descriptor, &bytes, maximum, 0)
        return count < 0 ? nil : Array(bytes[..<count])
    }

    /// One answer: its head and as much body as its Content-Length says; nil when none came whole.
    func answer(hasBody: Bool = true) -> RawAnswer? {
        var bytes = rest.withLock { $0 }
        while true {
            if let answer = RawAnswer(bytes, hasBody: hasBody) {
                rest.withLock { $0 = Array(bytes.dropFirst(answer.length)) }
                return answer
            }
            guard let more = receive(), !more.isEmpty else { return nil }
            bytes += more
        }
    }

    /// Whether the other end closed, after whatever it still sent.
    func isClosed() -> Bool {
        while let bytes = receive() { if bytes.isEmpty { return true } }
        return errno == ECONNRESET
    }
}

/// Runs what waits for the gateway on a thread that the gateway does not wait for.
func onOwnThread<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue(label: "test.own").async { continuation.resume(with: Result(catching: body)) }
    }
}

/// An answer as it came over the wire.
struct RawAnswer {
    let status: Int
    let headers: [String: String]
    let body: [UInt8]
    /// Of all of it, in bytes.
    let length: Int

    /// nil as long as it is not whole.
    init?(_ bytes: [UInt8], hasBody: Bool) {
        let end = Array("\r\n\r\n".utf8)
        guard let split = bytes.indices.first(where: { bytes[$0...].starts(with: end) }) else {
            return nil
        }
        let lines = String(decoding: bytes[..<split], as: UTF8.self)
            .split(separator: "\r\n").map(String.init)
        guard let first = lines.first?.split(separator: " "), first.count > 1,
            let status = Int(first[1])
        else { return nil }
        self.status = status
        headers = Dictionary(
            lines.dropFirst().compactMap { line in
                guard let colon = line.firstIndex(of: ":") else { return nil }
                let value = line[line.index(after: colon)...].drop { $0 == " " }
                return (line[..<colon].lowercased(), String(value))
            }, uniquingKeysWith: { first, _ in first })
        let rest = bytes[(split + 4)...]
        let length = hasBody ? headers["content-length"].flatMap { Int($0) } ?? 0 : 0
        guard rest.count >= length else { return nil }
        body = Array(rest.prefix(length))
        self.length = split + 4 + length
    }

    /// The code of a problem document.
    var code: String? { problem?["code"]?.string }

    /// What a problem document says.
    var detail: String? { problem?["detail"]?.string }

    private var problem: JSONValue? {
        guard headers["content-type"] == "application/problem+json" else { return nil }
        return try? parseJSON(body)
    }
}

extension TestGateway {
    var port: UInt16 { base.split(separator: ":").last.flatMap { UInt16($0) } ?? 0 }

    /// Sends bytes on a connection of their own, and returns the first answer.
    func raw(_ text: String, hasBody: Bool = true) async throws -> RawAnswer? {
        try await raw { connection in
            connection.send(text)
            return connection.answer(hasBody: hasBody)
        }
    }

    /// Talks on a connection of its own.
    func raw<Value: Sendable>(
        _ body: @escaping @Sendable (RawConnection) throws -> Value
    ) async throws -> Value {
        let port = port
        return try await onOwnThread {
            let connection = try RawConnection(port)
            defer { connection.close() }
            return try body(connection)
        }
    }
}
