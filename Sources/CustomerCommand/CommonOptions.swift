package import ArgumentParser
package import Diagnostics
package import Fetcher
import FoundationEssentials

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
