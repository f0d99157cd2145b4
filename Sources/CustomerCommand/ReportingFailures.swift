import ArgumentParser
import CanonicalJSON
import Diagnostics
import Fetcher
import Licensing
import TerminalOutput

/// Runs a verb; a failure is printed with its remedy and becomes the exit code.
///
/// - Parameters:
///   - asJSON: also print it as the JSON document that the verb owes to programs
///   - body: the verb
/// - Throws: the exit code.
package func reportingFailures(asJSON: Bool = false, _ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch let exit as ExitCode {
        throw exit
    } catch {
        let failure = anyFailure(error)
        let status = (failure as? EndedRun)?.signal.exitStatus ?? failure.code.exitStatus
        if asJSON {
            Terminal.print([
                "schema": 1, "exit_status": .integer(Int64(status.rawValue)),
                "failures": [JSONValue(failure)],
            ])
        }
        Terminal.print(failure)
        throw ExitCode(status.rawValue)
    }
}
