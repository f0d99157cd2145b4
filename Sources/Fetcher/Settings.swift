package import DatabaseIdentity
package import Diagnostics
import FoundationEssentials
package import Licensing
package import Packages
package import SystemPackage

/// What the person or the container said: flags first, then the environment, then `pkg.yaml`
/// beside the storage folder, then the defaults.
///
/// | `pkg.yaml` | environment | default |
/// |---|---|---|
/// | `url` | `TOLLGATE_URL` | none |
/// | `licenseKey` | `TOLLGATE_LICENSE_KEY` | what `pkg license add` saved |
/// | `licenseKeyFile` | `TOLLGATE_LICENSE_KEY_FILE` | none: a file that holds it |
/// | | `TOLLGATE_STORAGE` | `./storage` |
/// | `appVersion` | `TOLLGATE_APP_VERSION` | `node_modules/<host package>/package.json` |
/// | `linkInto` | `TOLLGATE_LINK_INTO` | none |
/// | `instanceId` | `TOLLGATE_INSTANCE_ID` | worked out from the facts |
/// | `domains` | `TOLLGATE_DOMAINS` | none told |
/// | `databaseUrl` | `DATABASE_URL`, or as `Settings.database` says | no server |
/// | `databaseWait` | `TOLLGATE_DATABASE_WAIT` | 30 s; 5 s where an Instance ID is saved |
/// | `timeout` | `TOLLGATE_TIMEOUT` | 300 s for a run of `pkg download-pro` |
/// | `trustRoot` | `TOLLGATE_TRUST_ROOT` | `storage/.license/root.json` |
/// | `caFile` | `TOLLGATE_CA_FILE` | the system's certificates |
///
/// A value that cannot be used is refused here, before anything else is done, with its source.
package struct Settings: Sendable {
    /// The gateway's address without a slash at its end.
    package let url: String?
    package let licenseKey: Secret<String>?
    /// Where ``licenseKey`` is set.
    let licenseKeySource: String?
    package let storage: StorageFolder
    package let applicationVersion: ApplicationVersion?
    package let linkInto: FilePath?
    package let instanceID: String?
    /// Where the application is served, for its vendor to see.
    package let domains: [LicenseDomain]
    /// The application's database server; nil without one, and where the Instance ID is pinned.
    package let database: DatabaseAddress?
    /// How long a database that does not answer is waited for.
    package let databaseWait: Duration?
    /// How long a run of the main job may take.
    package let timeout: Duration
    package let trustRoot: FilePath?
    package let caFile: FilePath?

    /// What was said on the command line; nil for what was not.
    package struct Flags: Sendable {
        package var url: String?
        package var storage: String?
        package var applicationVersion: String?
        package var linkInto: String?
        /// In seconds.
        package var timeout: String?

        package init(
            url: String? = nil, storage: String? = nil, applicationVersion: String? = nil,
            linkInto: String? = nil, timeout: String? = nil
        ) {
            self.url = url
            self.storage = storage
            self.applicationVersion = applicationVersion
            self.linkInto = linkInto
            self.timeout = timeout
        }
    }

    /// Gathers the settings.
    ///
    /// - Throws: ``UsageError`` for a file that is no YAML, a name that it cannot have, a value that
    ///   cannot be used.
    package init(flags: Flags, environment: [String: String]) throws(UsageError) {
        let root =
            Setting(flags.storage, from: "--storage")
            ?? Setting(environment["TOLLGATE_STORAGE"], from: "TOLLGATE_STORAGE")
        let folder = FilePath(root?.text ?? "./storage")
        let file = try SettingsFile(folder.removingLastComponent().appending("pkg.yaml"))
        storage = StorageFolder(folder)
        func setting(
            _ name: String, _ variable: String, flag: (name: String, text: String?)? = nil
        ) -> Setting? {
            flag.flatMap { Setting($0.text, from: $0.name) }
                ?? Setting(environment[variable], from: variable) ?? file[name]
        }
        url = try setting("url", "TOLLGATE_URL", flag: ("--url", flags.url))?.webAddress()
        let license = try Self.license(environment: environment, file: file)
        licenseKey = license.map { Secret($0.text) }
        licenseKeySource = license?.source
        applicationVersion = try setting(
            "appVersion", "TOLLGATE_APP_VERSION",
            flag: ("--app-version", flags.applicationVersion))?.applicationVersion()
        linkInto = try setting(
            "linkInto", "TOLLGATE_LINK_INTO", flag: ("--link-into", flags.linkInto))?.folder()
        instanceID = setting("instanceId", "TOLLGATE_INSTANCE_ID")?.text
        domains = try setting("domains", "TOLLGATE_DOMAINS")?.domains() ?? []
        database =
            instanceID == nil ? try Self.database(environment: environment, file: file) : nil
        databaseWait = try setting("databaseWait", "TOLLGATE_DATABASE_WAIT")?
            .seconds(0...3_600)
        timeout =
            try setting("timeout", "TOLLGATE_TIMEOUT", flag: ("--timeout", flags.timeout))?
            .seconds(1...86_400) ?? .seconds(300)
        trustRoot = try setting("trustRoot", "TOLLGATE_TRUST_ROOT")?.file()
        caFile = try setting("caFile", "TOLLGATE_CA_FILE")?.file()
    }

    /// The gateway's address.
    ///
    /// - Throws: `usage.invalid` when nobody said it.
    package func requireURL() throws(UsageError) -> String {
        guard let url else {
            throw UsageError(
                "The gateway's address is not set.",
                remedy: "Set TOLLGATE_URL to the address that your vendor gave you.")
        }
        return url
    }

    /// The license key or token: said itself, or in a file that is named; the environment first.
    private static func license(
        environment: [String: String], file: SettingsFile
    ) throws(UsageError) -> Setting? {
        let (plain, inFile) = ("TOLLGATE_LICENSE_KEY", "TOLLGATE_LICENSE_KEY_FILE")
        if let license = Setting(environment[plain], from: plain) { return license }
        if let name = Setting(environment[inFile], from: inFile) { return try name.content() }
        if let license = file["licenseKey"] { return license }
        return try file["licenseKeyFile"]?.content()
    }
}
