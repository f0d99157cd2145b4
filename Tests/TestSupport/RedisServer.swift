import Glibc
package import SystemPackage

/// Debian's redis-server on a port of 127.0.0.1, without a file on disk.
package struct RedisServer {
    package static let program = FilePath("/usr/bin/redis-server")
    package static var isInstalled: Bool { access(program.string, X_OK) == 0 }

    package let port: Int
    package let password: String
    private let process: ChildProcess

    /// Starts one, and waits until it takes connections.
    package init(port: Int, password: String) async throws {
        self.port = port
        self.password = password
        process = try ChildProcess(
            Self.program,
            [
                "--port", "\(port)", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
                "--requirepass", password, "--daemonize", "no",
            ], environment: ["PATH": "/usr/bin:/bin"])
        while true {
            let line = try await process.readLine()
            if line.contains("Ready to accept connections") { break }
            guard !line.isEmpty || kill(process.processID, 0) == 0 else {
                throw Errno.noSuchProcess
            }
        }
    }

    /// Ends it at once, as a crash would.
    package func stop() async throws {
        process.signal(SIGKILL)
        _ = try await process.wait()
    }

    /// A port that is free now, of the kernel's choice.
    package static func freePort() throws -> Int {
        let socket = FileDescriptor(
            rawValue: Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        defer { try? socket.close() }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutableBytes(of: &address) { bytes in
            let pointer = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self)
            return bind(socket.rawValue, pointer, length) == 0
                && getsockname(socket.rawValue, pointer, &length) == 0
        }
        guard status else { throw Errno(rawValue: errno) }
        return Int(in_port_t(bigEndian: address.sin_port))
    }
}
