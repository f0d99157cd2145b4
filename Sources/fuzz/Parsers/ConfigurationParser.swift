import Diagnostics
import Fetcher
import FoundationEssentials
import Glibc
import YAML

/// `pkg.yaml`: every text is settings, or is refused with a reason.
struct ConfigurationParser: FuzzedParser {
    let name = "configuration"
    let dictionary = [
        "url: ", "licenseKey: ", "appVersion: ", "linkInto: ", "instanceId: ", "databaseUrl: ",
        "databaseWait: ", "domains: ", "timeout: ", "trustRoot: ", "caFile: ", "\n", "\"", "'", "|",
        ">", "&a ", "*a", "!!str ", "---\n", "...\n", "%YAML 1.1\n", "{", "}", "[", "]", "#", "\t",
        "https://", "http://[::1]:80", "postgres://u:p@h:1,h:2/d?a=b", "mysql://", "\u{FEFF}",
        "<<: ", "? ", ": ", "- ",
    ]

    private let home = "\(Scratch.folder(of: getpid()))-home"

    func parse(_ input: [UInt8]) throws -> String {
        var end = ""
        do {
            let entries = try YAMLMapping(input).entries
            let names = Set(entries.map(\.name))
            try Violation.unless(names.count == entries.count, "a name stands there twice")
            end = "\(entries.count) "
        } catch is YAMLError {
            end = "no mapping "
        }
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: home) }
        try Data(input).write(to: URL(filePath: "\(home)/pkg.yaml"))
        do {
            let settings = try Settings(
                flags: .init(storage: "\(home)/storage"), environment: [:])
            let isBounded = (Duration.seconds(1)...Duration.seconds(86_400))
                .contains(settings.timeout)
            try Violation.unless(isBounded, "the time budget is \(settings.timeout)")
            return end + "settings \(settings.url == nil) \(settings.database == nil)"
        } catch let error as any Failure {
            return end + error.code.name
        }
    }
}
