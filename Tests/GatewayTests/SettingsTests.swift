import Diagnostics
import Testing

@testable import Gateway

struct SettingsTests {
    struct Value: CustomTestStringConvertible {
        let name: String
        let text: String
        var isTaken = true
        var testDescription: String { "\(name): \(text)" }
    }

    @Test(arguments: [
        Value(name: "url", text: "https://a.example"),
        Value(name: "x-accel-redirect", text: "/-/artifacts"),
        Value(name: "x-accel-redirect", text: "/-/artifacts/"),
        Value(name: "x-accel-redirect", text: "artifacts", isTaken: false),
        Value(name: "x-accel-redirect", text: "/", isTaken: false),
        Value(name: "x-accel-redirect", text: "/../x", isTaken: false),
        Value(name: "x-accel-redirect", text: "/a b", isTaken: false),
        Value(name: "x-accel-redirect", text: "", isTaken: false),
        Value(name: "maximum-tarball", text: "1"),
        Value(name: "maximum-tarball", text: "200 MB"),
        Value(name: "maximum-tarball", text: "200MB"),
        Value(name: "maximum-tarball", text: "1 GiB"),
        Value(name: "maximum-tarball", text: "0", isTaken: false),
        Value(name: "maximum-tarball", text: "MB", isTaken: false),
        Value(name: "maximum-tarball", text: "200 mb", isTaken: false),
        Value(name: "maximum-tarball", text: "-1", isTaken: false),
        Value(name: "maximum-tarball", text: "999999999999 GB", isTaken: false),
        Value(name: "rate-limit-address", text: "0"),
        Value(name: "rate-limit-address", text: "60"),
        Value(name: "rate-limit-address", text: "60/min", isTaken: false),
        Value(name: "rate-limit-license", text: "+60", isTaken: false),
        Value(name: "maximum-connections", text: "4"),
        Value(name: "maximum-connections", text: "0", isTaken: false),
        Value(name: "Url", text: "https://a.example", isTaken: false),
        Value(name: "port", text: "80", isTaken: false),
    ])
    func takesWhatIsRight(_ given: Value) throws {
        var settings = try VendorSettings(url: "http://localhost")
        if given.isTaken {
            try settings.set(given.name, to: given.text)
        } else {
            #expect(throws: UsageError.self) { try settings.set(given.name, to: given.text) }
        }
    }

    @Test func numbersOfBytesMeanWhatTheySay() throws {
        var settings = try VendorSettings(url: "http://localhost")
        for (text, bytes) in [("2 kB", 2000), ("2 KiB", 2048), ("3 MB", 3_000_000)] {
            try settings.set("maximum-tarball", to: text)
            #expect(settings.maximumTarball == bytes)
        }
    }

    /// What the file says that each setting is by itself, it is.
    @Test func theFirstFileSaysWhatHolds() throws {
        let settings = try VendorSettings(url: "https://plugins.acme.example")
        for setting in VendorSettings.all where setting.name != "x-accel-redirect" {
            var changed = settings
            try changed.set(setting.name, to: setting.example)
            #expect(changed == settings, "\(setting.name)")
            #expect(settings.text.contains("\(setting.name): "))
        }
        #expect(settings.text.split(separator: "\n").allSatisfy { $0.count <= 100 })
    }

    @Test func aNameThatIsNoSettingIsToldAll() throws {
        var settings = try VendorSettings(url: "http://localhost")
        let error = #expect(throws: UsageError.self) { try settings.set("uri", to: "x") }
        #expect(error?.remedy.contains("maximum-connections") == true)
    }
}
