package import Diagnostics
import FoundationEssentials

/// One setting with its value, as it may be shown, and where that came from.
package struct ResolvedSetting: Sendable {
    /// As in `pkg.yaml`, or the variable's own name.
    package let name: String
    /// What may be shown: `•••` for a secret.
    package let value: String
    /// `--url`, `TOLLGATE_URL`, `url in /app/pkg.yaml`; nil: the default.
    package let source: String?
    /// Why it cannot be used.
    package let problem: UsageError?
}

/// Finds what was said, and keeps each value with its source for `pkg doctor`.
///
/// A value that cannot be used is left out and its problem kept, so that one who diagnoses can go on
/// without it; everybody else ends with the first problem.
struct SettingsReader {
    let environment: [String: String]
    let file: SettingsFile
    private(set) var resolved: [ResolvedSetting] = []
    /// With the setting's name, in the order in which they were met.
    private(set) var problems: [(name: String, error: UsageError)] = []

    /// - Parameters:
    ///   - environment: the process's variables
    ///   - file: the settings of `pkg.yaml`
    ///   - problem: why there are none of it
    init(environment: [String: String], file: SettingsFile, problem: UsageError?) {
        self.environment = environment
        self.file = file
        if let problem { add("pkg.yaml", "cannot be used", from: nil, problem) }
    }

    /// What was said: by a flag, a variable, the file.
    func setting(
        _ name: String, _ variables: [String], flag: (name: String, text: String?)? = nil
    ) -> Setting? {
        flag.flatMap { Setting($0.text, from: $0.name) }
            ?? variables.lazy.compactMap { Setting(environment[$0], from: $0) }.first ?? file[name]
    }

    /// What was said, made into what it means.
    ///
    /// - Parameters:
    ///   - name: the name in `pkg.yaml`
    ///   - variables: the names in the environment, the first that says something counts
    ///   - flag: the flag's name, and what it said
    ///   - fallback: the words for what holds when nobody said anything
    ///   - use: makes the value
    /// - Returns: The value; nil when nobody said it, or it cannot be used.
    mutating func read<Value>(
        _ name: String, _ variables: String..., flag: (name: String, text: String?)? = nil,
        default fallback: String, _ use: (Setting) throws(UsageError) -> Value
    ) -> Value? {
        read(setting(name, variables, flag: flag), as: name, default: fallback, use)
    }

    /// The same for a setting that was found already.
    mutating func read<Value>(
        _ setting: Setting?, as name: String, default fallback: String,
        _ use: (Setting) throws(UsageError) -> Value
    ) -> Value? {
        guard let setting else {
            add(name, fallback, from: nil)
            return nil
        }
        do throws(UsageError) {
            let value = try use(setting)
            add(name, Self.shown(value, setting), from: setting.source)
            return value
        } catch {
            add(name, "•••", from: setting.source, error)
            return nil
        }
    }

    /// The addresses of proxies, which curl's variables say.
    mutating func noteProxies() {
        for name in Self.proxyVariables {
            guard let setting = Setting(environment[name], from: name) else { continue }
            let isRead = name != "HTTP_PROXY"
            add(
                name, isRead ? setting.printable : "not read, as curl does not: use http_proxy",
                from: name)
        }
    }

    static let proxyVariables = [
        "http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
        "no_proxy", "NO_PROXY",
    ]

    mutating func add(
        _ name: String, _ value: String, from source: String?, _ problem: UsageError? = nil
    ) {
        resolved.append(
            ResolvedSetting(
                name: name, value: maskingSecrets(printable(value)), source: source,
                problem: problem))
        if let problem { problems.append((name, problem)) }
    }

    private static func shown(_ value: some Any, _ setting: Setting) -> String {
        value is Secret<String> ? "•••" : setting.printable
    }
}
