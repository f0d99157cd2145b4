import Foundation
import SystemPackage
import TestSupport
import Testing

/// A real `pkg agent` of a customer, on a port of the kernel's choice.
struct TestAgentProgram {
    let process: ChildProcess
    /// The license page with its one-time token.
    let page: String
    var base: String { String(page.prefix { $0 != "?" }.dropLast()) }

    /// Runs one while `body` does; it has to end well when it is told to.
    static func running<Value>(
        for customer: Customer, environment: [String: String] = [:], errors: FilePath? = nil,
        _ body: (TestAgentProgram) async throws -> Value
    ) async throws -> Value {
        let process = try ChildProcess(
            Programs.pkg, ["agent", "--port", "0"],
            environment: Programs.environment.merging(customer.environment) { $1 }
                .merging(environment) { $1 },
            errors: errors ?? customer.storage.removingLastComponent().appending("agent.log"))
        let result: Result<Value, any Error>
        do {
            let line = try await process.readLine()
            let page = try #require(line.split(separator: " ").last.map(String.init))
            try #require(line.hasPrefix("License page: http://127.0.0.1:"))
            result = .success(try await body(TestAgentProgram(process: process, page: page)))
        } catch {
            result = .failure(error)
        }
        process.signal(15)
        let (status, _) = try await process.wait()
        #expect(status == 0, "pkg agent ends well when it is told to")
        return try result.get()
    }
}
