import Dispatch
import Glibc
import SystemPackage

/// An HTTP answer read from a socket as it came: what a client library would refuse to send or would
/// follow by itself, a test has to see.
struct RawAnswer: Sendable {
    let status: Int
    let headers: [(name: String, value: String)]
    let body: String

    func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// The code of a problem document or of a page about a failure.
    var code: String? {
        let marks = ["\"code\":\"", "<code>"]
        guard let start = marks.compactMap({ body.firstRange(of: $0)?.upperBound }).first else {
            return nil
        }
        return String(body[start...].prefix { $0 != "\"" && $0 != "<" })
    }

    /// Sends the bytes to a port of 127.0.0.1 and reads to the end of the connection.
    static func asking(_ port: Int, _ request: [UInt8]) async throws -> RawAnswer {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue(label: "test.client").async {
                continuation.resume(with: Result { try exchange(port, request) })
            }
        }
    }

    /// A connection to a port of 127.0.0.1.
    static func connection(to port: Int) throws -> FileDescriptor {
        let socket = FileDescriptor(
            rawValue: Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let status = withUnsafeBytes(of: &address) { bytes in
            connect(
                socket.rawValue, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self),
                socklen_t(bytes.count))
        }
        guard status == 0 else {
            let failure = Errno(rawValue: errno)
            try socket.close()
            throw failure
        }
        return socket
    }

    private static func exchange(_ port: Int, _ request: [UInt8]) throws -> RawAnswer {
        let socket = try connection(to: port)
        defer { try? socket.close() }
        // A body that is too long may be refused, and the connection closed, before it is sent.
        _ = request.withUnsafeBytes {
            send(socket.rawValue, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while let count = try? chunk.withUnsafeMutableBytes({ try socket.read(into: $0) }),
            count > 0
        {
            bytes += chunk[..<count]
        }
        return RawAnswer(String(decoding: bytes, as: UTF8.self))
    }

    private init(_ text: String) {
        let end = text.firstRange(of: "\r\n\r\n")
        let lines = text[..<(end?.lowerBound ?? text.endIndex)].split(separator: "\r\n")
        status =
            lines.first.flatMap { $0.split(separator: " ").dropFirst().first }
            .flatMap { Int($0) } ?? 0
        headers = lines.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            return (String(parts[0]), parts.count > 1 ? String(parts[1].drop { $0 == " " }) : "")
        }
        body = end.map { String(text[$0.upperBound...]) } ?? ""
    }
}
