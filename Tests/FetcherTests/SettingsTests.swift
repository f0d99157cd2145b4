import Diagnostics
import Fetcher
import FoundationEssentials
import Packages
import SystemPackage
import TestSupport
import Testing

@Suite struct SettingsTests {
    @Test func flagsWinOverTheEnvironmentAndThatOverTheFile() async throws {
        try await withTemporaryFolder { folder in
            try write("url: https://file.example\nappVersion: 1.0.0\nlinkInto: f", in: folder)
            let storage = folder.appending("storage").string
            let settings = try Settings(
                flags: Settings.Flags(url: "https://flag.example/", storage: storage),
                environment: [
                    "TOLLGATE_URL": "https://environment.example", "TOLLGATE_APP_VERSION": "2.0.0",
                    "TOLLGATE_LINK_INTO": "",
                ])
            #expect(settings.url == "https://flag.example")
            #expect(settings.applicationVersion?.description == "2.0.0")
            #expect(settings.linkInto == "f", "an empty variable says nothing")
        }
    }

    @Test func theTimeBudgetIsSaidInThreePlaces() async throws {
        try await withTemporaryFolder { folder in
            #expect(try settings(in: folder).timeout == .seconds(300))
            try write("timeout: 60", in: folder)
            #expect(try settings(in: folder).timeout == .seconds(60))
            #expect(try settings(in: folder, ["TOLLGATE_TIMEOUT": "70"]).timeout == .seconds(70))
            let flagged = try Settings(
                flags: Settings.Flags(storage: folder.appending("storage").string, timeout: "80"),
                environment: ["TOLLGATE_TIMEOUT": "70"])
            #expect(flagged.timeout == .seconds(80))
        }
    }

    @Test(arguments: ["", "# nothing yet\n", "{}"])
    func aFileWithoutSettingsIsNone(_ text: String) async throws {
        try await withTemporaryFolder { folder in
            try write(text, in: folder)
            #expect(try settings(in: folder).url == nil)
        }
    }

    @Test(arguments: [
        "url: [", "url: [a, b]", "- url", "licence_key: x", "storage: st", "url: a\nurl: b",
        "\turl: x",
    ])
    func aFileThatCannotBeUsedIsRefused(_ text: String) async throws {
        try await withTemporaryFolder { folder in
            try write(text, in: folder)
            let error = #expect(throws: UsageError.self) { try settings(in: folder) }
            #expect(error?.message.contains("pkg.yaml") == true)
        }
    }

    @Test func theLicenseKeyMayLieInAFileAsSecretsDo() async throws {
        try await withTemporaryFolder { folder in
            // Kubernetes mounts a link to a link.
            try write("tg_abc", named: "secret", in: folder)
            let link = folder.appending("mounted").string
            try FileManager.default.createSymbolicLink(
                atPath: link, withDestinationPath: folder.appending("secret").string)
            let file = ["TOLLGATE_LICENSE_KEY_FILE": link]
            #expect(try settings(in: folder, file).licenseKey?.reveal() == "tg_abc")
            let both = file.merging(["TOLLGATE_LICENSE_KEY": "tg_said"]) { $1 }
            #expect(try settings(in: folder, both).licenseKey?.reveal() == "tg_said")
            try write("licenseKey: tg_yaml\n", in: folder)
            #expect(try settings(in: folder, file).licenseKey?.reveal() == "tg_abc")
            try write("licenseKeyFile: \(link)\n", in: folder)
            #expect(try settings(in: folder).licenseKey?.reveal() == "tg_abc")
            for content in [" \n", String(repeating: "x", count: 1 << 18)] {
                try write(content, named: "secret", in: folder)
                let error = #expect(throws: UsageError.self) { try settings(in: folder, file) }
                #expect(error?.message.contains("TOLLGATE_LICENSE_KEY_FILE") == true)
            }
        }
    }

    @Test(arguments: [
        ("TOLLGATE_LICENSE_KEY_FILE", "/nonexistent"), ("TOLLGATE_URL", "foo"),
        ("TOLLGATE_URL", "ftp://a.example"),
        ("TOLLGATE_URL", "http://127.0.0.1:99999"), ("TOLLGATE_URL", "https://a.example?b"),
        ("TOLLGATE_APP_VERSION", "banana"), ("TOLLGATE_CA_FILE", "/nonexistent"),
        ("TOLLGATE_TRUST_ROOT", "/nonexistent"), ("TOLLGATE_TRUST_ROOT", "/tmp"),
        ("TOLLGATE_LINK_INTO", "/etc/passwd"), ("TOLLGATE_TIMEOUT", "0"),
        ("TOLLGATE_TIMEOUT", "1h"),
    ])
    func aValueThatCannotBeUsedIsRefusedWithItsSource(
        _ variable: String, _ value: String
    ) async throws {
        try await withTemporaryFolder { folder in
            let error = #expect(throws: UsageError.self) {
                try settings(in: folder, [variable: value])
            }
            let isFile = ["CA_FILE", "TRUST_ROOT", "KEY_FILE"].contains { variable.hasSuffix($0) }
            #expect(error?.code == (isFile ? .settingsPathMissing : .usage))
            #expect(error?.message.contains(variable) == true)
        }
    }

    @Test func aPasswordInAnAddressIsNotPrinted() async throws {
        try await withTemporaryFolder { folder in
            let error = #expect(throws: UsageError.self) {
                try settings(in: folder, ["TOLLGATE_URL": "https://u:s3cret@a.example?key=s3cret"])
            }
            #expect(error.map { "\($0)".contains("s3cret") } == false)
        }
    }

    @Test func eachValueHasItsSource() async throws {
        try await withTemporaryFolder { folder in
            try write("url: https://file.example\ndatabaseWait: 7", in: folder)
            let reading = SettingsReading(
                flags: Settings.Flags(applicationVersion: "banana"),
                environment: [
                    "STORAGE_PATH": folder.appending("storage").string,
                    "NOCOBASE_PKG_URL": "https://kim:s3cret@environment.example",
                    "NC_LICENSE_KEY": "tg_0WJ42QKVK2TX5V26HB7H6NWM07",
                    "HTTPS_PROXY": "http://kim:s3cret@proxy.example",
                ])
            var sources: [String: String] = [:]
            var values: [String: String] = [:]
            for setting in reading.resolved {
                sources[setting.name] = setting.source ?? "default"
                values[setting.name] = setting.value
            }
            #expect(sources["storage"] == "STORAGE_PATH")
            #expect(sources["url"] == "NOCOBASE_PKG_URL")
            #expect(values["url"]?.hasSuffix("•••@environment.example") == true)
            #expect(sources["licenseKey"] == "NC_LICENSE_KEY")
            #expect(values["licenseKey"] == "•••")
            #expect(values["HTTPS_PROXY"]?.contains("s3cret") == false)
            #expect(sources["databaseWait"] == "databaseWait in \(folder)/pkg.yaml")
            #expect(sources["linkInto"] == "default")
            // One that cannot be used is left out, and the others stay.
            #expect(reading.problems.map(\.name) == ["appVersion"])
            #expect(reading.settings.applicationVersion == nil)
            #expect(reading.settings.databaseWait == .seconds(7))
        }
    }

    private func settings(
        in folder: FilePath, _ environment: [String: String] = [:]
    ) throws(UsageError) -> Settings {
        let storage = ["TOLLGATE_STORAGE": folder.appending("storage").string]
        return try Settings(
            flags: Settings.Flags(), environment: storage.merging(environment) { $1 })
    }

    private func write(
        _ text: String, named name: String = "pkg.yaml", in folder: FilePath
    ) throws {
        try Disk.writeAtomically(Array(text.utf8), to: folder.appending(name))
    }
}
