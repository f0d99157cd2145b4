package import Diagnostics
import SystemPackage

/// The settings, each with its source, and what cannot be used of them: what `pkg doctor` begins
/// with, and everybody else who needs them throws the first problem of.
package struct SettingsReading: Sendable {
    /// What can be used; what cannot is as if nobody had said it.
    package let settings: Settings
    /// In the order of the documentation.
    package let resolved: [ResolvedSetting]
    /// With the setting's name.
    package let problems: [(name: String, error: UsageError)]
    /// The process's variables, for who has to know what must not be shown.
    let environment: [String: String]

    /// Reads flags, environment and `pkg.yaml`.
    package init(flags: Settings.Flags, environment: [String: String]) {
        let storage =
            Setting(flags.storage, from: "--storage")
            ?? ["TOLLGATE_STORAGE", "STORAGE_PATH"].lazy
            .compactMap { Setting(environment[$0], from: $0) }.first
        let folder = FilePath(storage?.text ?? "./storage")
        let path = folder.removingLastComponent().appending("pkg.yaml")
        var file = SettingsFile(without: path)
        var problem: UsageError?
        do throws(UsageError) {
            file = try SettingsFile(path)
        } catch {
            problem = error
        }
        var reader = SettingsReader(environment: environment, file: file, problem: problem)
        reader.add("storage", storage?.text ?? "./storage", from: storage?.source)
        settings = Settings(in: folder, flags, &reader)
        resolved = reader.resolved
        problems = reader.problems
        self.environment = environment
    }
}
