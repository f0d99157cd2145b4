import CanonicalJSON
import Cryptography
import FoundationEssentials
import Packages
import Testing

/// The sample vendor in `registry/` resolves as its README says.
@Suite struct SampleVendorTests {
    struct Case: Sendable {
        let application: String
        let plugin: String
        let expected: String
    }

    static let cases = [
        Case(application: "2.0.0", plugin: "plugin-audit-log", expected: "2.0.1"),
        Case(application: "2.1.0", plugin: "plugin-audit-log", expected: "2.1.0"),
        Case(application: "2.1.0", plugin: "plugin-workflow", expected: "2.1.0"),
        Case(application: "2.1.0", plugin: "plugin-charts", expected: "2.1.1"),
        Case(application: "2.0.0", plugin: "plugin-theme-dark", expected: "1.4.1"),
        Case(application: "2.1.0", plugin: "plugin-theme-dark", expected: "1.4.1"),
        Case(application: "2.0.0", plugin: "plugin-sso-saml", expected: "2.0.1"),
        Case(
            application: "2.1.0", plugin: "plugin-sso-saml", expected: "no-release-for-application"),
        Case(application: "2.0.0", plugin: "plugin-reports", expected: "2.0.1"),
        Case(application: "2.1.0", plugin: "plugin-reports", expected: "update-period-ended"),
        Case(
            application: "2.0.0", plugin: "plugin-ai-assistant",
            expected: "no-release-for-application"),
        Case(application: "2.1.0", plugin: "plugin-ai-assistant", expected: "2.1.1"),
    ]

    @Test(arguments: cases)
    func resolvesAsItsReadmeSays(expected: Case) throws {
        let vendor = try VendorProfile(json: json("vendor.json").value)
        let name = try PackageName("@acme/\(expected.plugin)")
        let resolution = resolveRelease(
            of: name, among: try releases(of: name),
            coverage: Coverage(updatesUntil: try updatesUntil(name), channels: ["latest"]),
            application: try ApplicationVersion(expected.application), installed: nil,
            rule: SelectionRule(vendor.rule))
        switch resolution {
        case .release(let release): #expect(release.version.description == expected.expected)
        case .mismatch(let mismatch): #expect(mismatch.reason.rawValue == expected.expected)
        }
    }

    private func releases(of name: PackageName) throws -> [Release] {
        let folder = "plugins/\(name.bare)"
        return try FileManager.default.contentsOfDirectory(atPath: "\(Self.registry)/\(folder)").map
        {
            let release = try json("\(folder)/\($0)/release.json")
            return try Release(
                name: name, version: SemanticVersion($0),
                published: date(release["published"].string()),
                channel: release["channel"].string(),
                applicationRange: VersionRange(release["application"].string()), length: 0,
                sha512: .of(.sha512, []), unpackedSize: 0, fileCount: 0)
        }
    }

    /// What the plan "Business" says of the plugin.
    private func updatesUntil(_ name: PackageName) throws -> Date? {
        for plugin in try json("plans/business.json")["plugins"].array()
        where try plugin["name"].string() == name.description {
            return try plugin.optional("updates_until").map { try date($0.string()) }
        }
        return nil
    }

    private func date(_ text: String) throws -> Date {
        try Date.ISO8601FormatStyle().parse(text)
    }

    private func json(_ path: String) throws -> JSONReader {
        let bytes = try #require(FileManager.default.contents(atPath: "\(Self.registry)/\(path)"))
        return JSONReader(try parseJSON(Array(bytes)))
    }

    private static let registry =
        "/\(#filePath.split(separator: "/").dropLast(3).joined(separator: "/"))/registry"
}
