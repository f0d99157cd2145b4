import Configuration
package import Diagnostics
import FoundationEssentials
package import SystemPackage

/// What the person or the container said: flags first, then the environment, then `pkg.yaml`
/// beside the storage folder, then the defaults.
///
/// | setting (pkg.yaml) | environment | default |
/// |---|---|---|
/// | `url` | `TOLLGATE_URL` | none |
/// | `licenseKey` | `TOLLGATE_LICENSE_KEY` | what `pkg license activate` saved |
/// | `storage` | `TOLLGATE_STORAGE` | `./storage` |
/// | `appVersion` | `TOLLGATE_APP_VERSION` | `node_modules/<host package>/package.json` |
/// | `linkInto` | `TOLLGATE_LINK_INTO` | none |
/// | `instanceId` | `TOLLGATE_INSTANCE_ID` | worked out from the facts |
/// | `trustRoot` | `TOLLGATE_TRUST_ROOT` | `storage/.license/root.json` |
/// | `caFile` | `TOLLGATE_CA_FILE` | the system's certificates |
package struct Settings: Sendable {
    package let url: String?
    package let licenseKey: Secret<String>?
    /// Whether the key comes from a flag, the environment or a file and not from `activate`.
    package var licenseKeyIsFixed: Bool { licenseKey != nil }
    package let storage: StorageFolder
    package let applicationVersion: String?
    package let linkInto: FilePath?
    package let instanceID: String?
    package let trustRoot: FilePath?
    package let caFile: FilePath?

    /// What was said on the command line; nil for what was not.
    package struct Flags: Sendable {
        package var url: String?
        package var storage: String?
        package var applicationVersion: String?
        package var linkInto: String?

        package init(
            url: String? = nil, storage: String? = nil, applicationVersion: String? = nil,
            linkInto: String? = nil
        ) {
            self.url = url
            self.storage = storage
            self.applicationVersion = applicationVersion
            self.linkInto = linkInto
        }
    }

    /// Gathers the settings.
    ///
    /// - Throws: ``UsageError`` for a file that is no YAML or a value that cannot be used.
    package init(flags: Flags, environment: [String: String]) async throws(UsageError) {
        let variables = EnvironmentVariablesProvider(
            environmentVariables: environment.filter { !$0.value.isEmpty }
        ).prefixKeys(with: "tollgate")
        let storage = flags.storage ?? ConfigReader(provider: variables).string(forKey: "storage")
        let root = FilePath(storage ?? "./storage")
        let file = root.removingLastComponent().appending("pkg.yaml")
        let reader: ConfigReader
        do {
            reader = ConfigReader(
                providers: [
                    variables,
                    try await FileProvider<YAMLSnapshot>(filePath: file, allowMissing: true),
                ])
        } catch {
            throw UsageError("\(file) cannot be read as YAML.", cause: error)
        }
        self.storage = StorageFolder(root)
        url = try (flags.url ?? reader.string(forKey: "url")).map(Self.validatedURL)
        licenseKey = reader.string(forKey: "licenseKey", isSecret: true).map { key in
            Secret(key)
        }
        applicationVersion = flags.applicationVersion ?? reader.string(forKey: "appVersion")
        linkInto = (flags.linkInto ?? reader.string(forKey: "linkInto")).map { FilePath($0) }
        instanceID = reader.string(forKey: "instanceId")
        trustRoot = reader.string(forKey: "trustRoot").map { FilePath($0) }
        caFile = reader.string(forKey: "caFile").map { FilePath($0) }
    }

    /// The gateway's address without a slash at its end.
    private static func validatedURL(_ text: String) throws(UsageError) -> String {
        guard let url = URL(string: text), let scheme = url.scheme?.lowercased(),
            scheme == "https" || scheme == "http", let host = url.host(), !host.isEmpty,
            url.query() == nil, url.fragment() == nil
        else {
            throw UsageError(
                "TOLLGATE_URL is “\(text)”, which is no http or https address.",
                remedy:
                    "Set it to the address that your vendor gave you: https://plugins.example.com")
        }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
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
}
