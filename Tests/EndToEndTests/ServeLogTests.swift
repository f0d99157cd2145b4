import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// What `tollgate serve` writes on standard error.
struct ServeLogTests {
    @Test func everyRequestHasItsLineAlsoTheLastOne() async throws {
        try await withTemporaryFolder { folder in
            let log = try await TestGateway.serving(in: folder) { gateway in
                for number in 0..<50 {
                    let curl = try await run(
                        "/usr/bin/curl", ["-sf", "\(gateway.url)/-/ping?\(number)"])
                    #expect(curl.status == 0)
                }
                return gateway.log
            }
            let text = try String(contentsOfFile: log.string, encoding: .utf8)
            let lines = text.split(separator: "\n")
            #expect(lines.filter { $0.contains("path=/-/ping") }.count == 50)
            #expect(lines.last?.contains("stopped") == true)
        }
    }
}
