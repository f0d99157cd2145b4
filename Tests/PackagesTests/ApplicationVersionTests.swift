import Diagnostics
import Packages
import Testing

@Suite struct ApplicationVersionTests {
    struct Case: Sendable {
        let text: String
        let version: String
        let lockstep: [String]
        let standIn: [String]

        init(_ text: String, _ version: String, _ lockstep: [String], standIn: [String] = []) {
            self.text = text
            self.version = version
            self.lockstep = lockstep
            self.standIn = standIn
        }
    }

    static let cases = [
        Case("2.1.0", "2.1.0", ["2.1.0"]),
        Case("v2.1.0", "2.1.0", ["2.1.0"]),
        Case(" 2.1.0\n", "2.1.0", ["2.1.0"]),
        Case("2.1.0+build.5", "2.1.0+build.5", ["2.1.0+build.5"]),
        Case(
            "2.1.0-rc.20260801", "2.1.0-rc.20260801", ["2.1.0-rc.20260801", "2.1.0"],
            standIn: ["next"]),
        Case(
            "2.1.0-rc.20260801123000", "2.1.0-rc.20260801123000",
            ["2.1.0-rc.20260801123000", "2.1.0"], standIn: ["next"]),
        Case("2.1.0-rc.1", "2.1.0-rc.1", ["2.1.0-rc.1"], standIn: ["next"]),
        Case(
            "2.1.0-rc.1.20260801", "2.1.0-rc.1.20260801", ["2.1.0-rc.1.20260801", "2.1.0-rc.1"],
            standIn: ["next"]),
        Case("2.1.0-beta.3", "2.1.0-beta.3", ["2.1.0-beta.3"], standIn: ["next"]),
        Case(
            "2.1.0-beta.3.20260801", "2.1.0-beta.3.20260801",
            ["2.1.0-beta.3.20260801", "2.1.0-beta.3"], standIn: ["next"]),
        Case(
            "2.1.0-beta.3.20260801123456", "2.1.0-beta.3.20260801123456",
            ["2.1.0-beta.3.20260801123456", "2.1.0-beta.3"], standIn: ["next"]),
        Case(
            "2.1.0-alpha.7.20260801", "2.1.0-alpha.7.20260801",
            ["2.1.0-alpha.7.20260801", "2.1.0-alpha.7"], standIn: ["alpha", "next"]),
        Case("2.1.0-alpha.7", "2.1.0-alpha.7", ["2.1.0-alpha.7"], standIn: ["alpha", "next"]),
        Case(
            "2.1.0-beta.3.5", "2.1.0-beta.3.5", ["2.1.0-beta.3.5", "2.1.0-beta.3"],
            standIn: ["next"]),
        Case("2.1.0-20260801", "2.1.0-20260801", ["2.1.0-20260801", "2.1.0"], standIn: ["next"]),
        Case("2.441", "2.441.0", ["2.441.0"]),
        Case("2024.04.1", "2024.4.1", ["2024.4.1"]),
        Case("2.1.0.5", "2.1.0", ["2.1.0"]),
        Case("2.1.0.0.5", "2.1.0", ["2.1.0"]),
        Case("2.1.0.5-beta.1", "2.1.0-beta.1", ["2.1.0-beta.1"], standIn: ["next"]),
    ]

    @Test(arguments: cases)
    func reads(expected: Case) throws {
        let application = try ApplicationVersion(expected.text)
        #expect(application.version.description == expected.version)
        #expect(application.lockstepVersions.map(\.description) == expected.lockstep)
        #expect(application.standInChannels == expected.standIn)
    }

    @Test(arguments: [
        "", "2", "latest", "2.", "2..1", ".1.2", "2.1.0.0.0.5", "2.1.0-", "2.1.0 beta", "-1.0.0",
        "2.1.99999999999999999999", "2.1.0-beta..1", "２.1.0",
    ])
    func refuses(text: String) {
        #expect {
            try ApplicationVersion(text)
        } throws: {
            ($0 as? PackageError)?.code == .registryVersionInvalid
        }
    }
}
