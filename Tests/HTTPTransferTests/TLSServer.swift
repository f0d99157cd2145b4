import Foundation
import TestSupport

/// `openssl s_server` on a port that the kernel chose, answering every request with its status page.
final class TLSServer {
    let port: UInt16
    private let tool = Process()
    private let input = Pipe()
    private let output = Pipe()

    init(_ authority: TestAuthority, _ certificate: String, _ arguments: [String]) throws {
        tool.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        tool.arguments =
            [
                "s_server", "-accept", "127.0.0.1:0", "-www", "-cert", "\(certificate).pem", "-key",
                "key.pem",
            ] + arguments
        tool.currentDirectoryURL = URL(fileURLWithPath: authority.folder)
        tool.standardInput = input
        tool.standardOutput = output
        tool.standardError = FileHandle.nullDevice
        try tool.run()
        // "ACCEPT 127.0.0.1:PORT" is printed once it listens.
        var text = ""
        var found: UInt16?
        while found == nil {
            let bytes = output.fileHandleForReading.availableData
            guard !bytes.isEmpty else { throw OpenSSLFailure(arguments: arguments) }
            text += String(decoding: bytes, as: UTF8.self)
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            let line = lines.first { $0.hasPrefix("ACCEPT 127.0.0.1:") }
            found = line.flatMap { UInt16($0.dropFirst(17)) }
        }
        guard let found else { throw OpenSSLFailure(arguments: arguments) }
        port = found
    }

    func stop() {
        // Not SIGTERM: a child started on a thread of the pool inherits that signal blocked.
        // Not waited for: Foundation notices the end by itself, and this thread is one of the pool's.
        kill(tool.processIdentifier, SIGKILL)
    }
}
