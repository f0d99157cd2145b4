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
/// | `url` | `TOLLGATE_URL`, `NOCOBASE_PKG_URL`, `NC_LICENSE_SERVER_URL` | none |
/// | `licenseKey` | `TOLLGATE_LICENSE_KEY`, `NC_LICENSE_KEY` with a key of ours | what `pkg license add` saved |
/// | `licenseKeyFile` | `TOLLGATE_LICENSE_KEY_FILE` | none: a file that holds it |
/// | | `TOLLGATE_STORAGE`, `STORAGE_PATH` | `./storage` |
/// | `appVersion` | `TOLLGATE_APP_VERSION` | `node_modules/<host package>/package.json` |
/// | `linkInto` | `TOLLGATE_LINK_INTO` | none |
/// | `instanceId` | `TOLLGATE_INSTANCE_ID` | worked out from the facts |
/// | `domains` | `TOLLGATE_DOMAINS` | none told |
/// | `databaseUrl` | `DATABASE_URL`, or as `Settings.database` says | no server |
/// | `databaseWait` | `TOLLGATE_DATABASE_WAIT` | 30 s; 5 s where an Instance ID is saved |
/// | `timeout` | `TOLLGATE_TIMEOUT` | 300 s for a run of `pkg download-pro` |
/// | | `DISABLE_PKG_DOWNLOAD` | a run of `pkg download-pro` does its work |
/// | `trustRoot` | `TOLLGATE_TRUST_ROOT` | `storage/.license/root.json` |
/// | `caFile` | `TOLLGATE_CA_FILE` | the system's certificate authorities |
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
    /// Whether a run of the main job does nothing: NocoBase's switch for images that are built with
    /// their plugins.
    ///
    /// A dry run looks all the same, and one from a bundle is what somebody asked for.
    package let isDownloadDisabled: Bool
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
        let reading = SettingsReading(flags: flags, environment: environment)
        if let problem = reading.problems.first { throw problem.error }
        self = reading.settings
    }

    /// Makes each value of what the reader finds.
    init(in folder: FilePath, _ flags: Flags, _ reader: inout SettingsReader) {
        storage = StorageFolder(folder)
        url = reader.read(
            "url", "TOLLGATE_URL", "NOCOBASE_PKG_URL", "NC_LICENSE_SERVER_URL",
            flag: ("--url", flags.url), default: "none"
        ) { setting throws(UsageError) in try setting.webAddress() }
        let license = reader.license()
        licenseKeySource = license?.source
        licenseKey = reader.read(license, as: "licenseKey", default: "what is saved") {
            Secret($0.text)
        }
        applicationVersion = reader.read(
            "appVersion", "TOLLGATE_APP_VERSION",
            flag: ("--app-version", flags.applicationVersion),
            default: "of the application's package"
        ) { setting throws(UsageError) in try setting.applicationVersion() }
        linkInto = reader.read(
            "linkInto", "TOLLGATE_LINK_INTO", flag: ("--link-into", flags.linkInto),
            default: "no links"
        ) { setting throws(UsageError) in try setting.folder(besides: StorageFolder(folder)) }
        instanceID = reader.read(
            "instanceId", "TOLLGATE_INSTANCE_ID", default: "worked out"
        ) { $0.text }
        domains =
            reader.read("domains", "TOLLGATE_DOMAINS", default: "none told") {
                setting throws(UsageError) in try setting.domains()
            } ?? []
        database = reader.readDatabase(isNeeded: instanceID == nil)
        databaseWait = reader.read(
            "databaseWait", "TOLLGATE_DATABASE_WAIT", default: "30 s, 5 s with an Instance ID"
        ) { setting throws(UsageError) in try setting.seconds(0...3_600) }
        timeout =
            reader.read(
                "timeout", "TOLLGATE_TIMEOUT", flag: ("--timeout", flags.timeout), default: "300 s"
            ) { setting throws(UsageError) in try setting.seconds(1...86_400) } ?? .seconds(300)
        let disabled = "DISABLE_PKG_DOWNLOAD"
        isDownloadDisabled =
            reader.read(disabled, disabled, default: "false") {
                setting throws(UsageError) in try setting.boolean()
            } ?? false
        trustRoot = reader.read(
            "trustRoot", "TOLLGATE_TRUST_ROOT", default: "storage/.license/root.json"
        ) { setting throws(UsageError) in try setting.file() }
        caFile = reader.read(
            "caFile", "TOLLGATE_CA_FILE", default: "the system's authorities"
        ) { setting throws(UsageError) in try setting.file() }
        reader.noteProxies()
    }

    /// The gateway's address.
    ///
    /// - Throws: `settings.url-missing` when nobody said it.
    package func requireURL() throws(UsageError) -> String {
        guard let url else {
            throw UsageError(
                "The gateway's address is not set.", code: .settingsURLMissing)
        }
        return url
    }
}
