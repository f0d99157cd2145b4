import ArgumentParser
import Diagnostics
import Fetcher
import FoundationEssentials

/// The flags that every verb takes.
struct CommonOptions: ParsableArguments {
    @Option(help: "The gateway's address (TOLLGATE_URL).")
    var url: String?

    @Option(help: "The storage folder (TOLLGATE_STORAGE, default ./storage).")
    var storage: String?

    /// The settings, with the flags of one verb besides.
    func settings(
        applicationVersion: String? = nil, linkInto: String? = nil
    ) async throws(UsageError) -> Settings {
        try await Settings(
            flags: Settings.Flags(
                url: url, storage: storage, applicationVersion: applicationVersion,
                linkInto: linkInto),
            environment: ProcessInfo.processInfo.environment)
    }
}

/// Runs a verb; a failure is printed with its remedy and becomes the exit code.
func reportingFailures(_ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch let failure as any Failure {
        Terminal.print(failure)
        throw ExitCode(failure.code.exitStatus.rawValue)
    }
}
