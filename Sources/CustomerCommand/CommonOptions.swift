package import ArgumentParser
import CanonicalJSON
package import Diagnostics
package import Fetcher
import FoundationEssentials
package import Licensing
import TerminalOutput

/// The flags that every verb takes.
package struct CommonOptions: ParsableArguments {
    @Option(help: "The gateway's address (TOLLGATE_URL).")
    package var url: String?

    @Option(help: "The storage folder (TOLLGATE_STORAGE, default ./storage).")
    package var storage: String?

    package init() {}

    /// The settings, with the flags of one verb besides.
    package func settings(
        applicationVersion: String? = nil, linkInto: String? = nil, timeout: String? = nil
    ) throws(UsageError) -> Settings {
        try Settings(
            flags: flags(applicationVersion, linkInto, timeout),
            environment: ProcessInfo.processInfo.environment)
    }

    /// The same with their sources, also when one cannot be used.
    package func reading(
        applicationVersion: String? = nil, linkInto: String? = nil
    ) -> SettingsReading {
        SettingsReading(
            flags: flags(applicationVersion, linkInto),
            environment: ProcessInfo.processInfo.environment)
    }

    private func flags(
        _ applicationVersion: String?, _ linkInto: String?, _ timeout: String? = nil
    ) -> Settings.Flags {
        Settings.Flags(
            url: url, storage: storage, applicationVersion: applicationVersion,
            linkInto: linkInto, timeout: timeout)
    }
}

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

/// Prints how the license stands; one that is not in force is the exit code.
package func show(_ status: LicenseStatus, of session: LicenseSession, asJSON: Bool = false) throws
{
    if asJSON {
        Terminal.print(session.json(of: status))
    } else {
        Terminal.print(session.text(of: status))
    }
    for notice in try session.notices() { Terminal.note("warning: \(notice)") }
    if session.awaitsActivation {
        Terminal.note("warning: the license key that is set is not activated here yet")
    }
    guard let failure = status.failure else { return }
    Terminal.print(failure, instanceID: session.identity.id.description)
    throw ExitCode(failure.code.exitStatus.rawValue)
}
