import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// `openssl s_server` with a certificate of an authority, for as long as `body` runs.
func withTLSServer<Value>(
    _ authority: TestAuthority, _ certificate: String,
    _ body: (_ url: String) async throws -> Value
) async throws -> Value {
    let server = try ChildProcess(
        "/usr/bin/openssl",
        [
            "s_server", "-accept", "127.0.0.1:0", "-www", "-cert",
            authority.path("\(certificate).pem"), "-key", authority.path("key.pem"),
        ], environment: [:], errors: FilePath(authority.path("s_server.log")))
    let result: Result<Value, any Error>
    do {
        var line = ""
        while !line.hasPrefix("ACCEPT ") {
            line = try #require(try await server.nextLine(), "openssl s_server ended")
        }
        let port = try #require(line.split(separator: ":").last)
        result = .success(try await body("https://127.0.0.1:\(port)"))
    } catch {
        result = .failure(error)
    }
    server.signal(9)
    _ = try await server.wait()
    return try result.get()
}
