import Cryptography
import Diagnostics
import FoundationEssentials
import Packages
import Testing

@testable import Fetcher
@testable import Licensing

/// With which license a release is downloaded.
@Suite struct CurrentLicenseTests {
    private static let now = Date(timeIntervalSince1970: 1_795_255_200)
    private static let instance = InstanceID(facts: InstanceFacts(binding: ["storage.id": "x"]))
    private static let day: TimeInterval = 86_400

    @Test(arguments: [
        // Its updates ended before the release; nothing ended.
        (["old", "new"], -10.0, "latest", "new"), (["new", "old"], -10.0, "latest", "new"),
        (["old", "new"], -200.0, "latest", "old"), (["new", "old"], -200.0, "latest", "new"),
        (["old", "new", "beta"], -10.0, "beta", "beta"),
        // No license covers it by itself: whichever is first, and the gateway says why.
        (["old", "beta"], -10.0, "next", "old"),
    ])
    func theOneThatCoversTheRelease(
        _ licenses: [String], _ published: Double, _ channel: String, _ expected: String
    ) throws {
        let license = license(licenses)
        let token = try license.token(
            for: release(published: Self.now + published * Self.day, channel))
        #expect(token.reveal() == expected)
    }

    @Test func neverOneThatIsPaused() {
        let license = license(["suspended"])
        let error = #expect(throws: LicenseError.self) {
            try license.token(for: release(published: Self.now, "latest"))
        }
        #expect(error?.code == .licenseSuspended)
    }

    /// What two licenses cover only together, one the date and the other the channel, is covered by
    /// none.
    @Test func theyCoverEachForItself() throws {
        let plugin = try #require(license(["new", "beta"]).status.entitlements.plugins.first)
        #expect(plugin.updatesUntil == nil)
        #expect(plugin.channels == ["latest", "beta"])
        let together = Coverage(of: plugin.grants.map(\.coverage))
        func refusals(_ days: Double, _ channel: String) throws -> Set<Coverage.Refusal> {
            together.refusals(
                of: try release(published: Self.now + days * Self.day, channel), installed: nil)
        }
        #expect(try refusals(-10, "latest") == [])
        #expect(try refusals(-10, "beta") == [])
        #expect(try refusals(10, "latest") == [])
        #expect(try refusals(10, "beta").count == 1)
    }

    private func license(_ names: [String]) -> CurrentLicense {
        let tokens = names.map { name in
            let updates: [String: Double] = ["old": -100, "beta": 5]
            let plugin = PluginEntitlement(
                name: "@acme/a", updatesUntil: updates[name].map { Self.now + $0 * Self.day },
                channels: name == "beta" ? ["latest", "beta"] : nil)
            let claims = LicenseClaims(
                issuer: "https://plugins.acme.example", licenseID: name, tokenID: name,
                issued: Self.now - 300 * Self.day, expires: Self.now + 300 * Self.day,
                termEnds: Self.now + 300 * Self.day, mode: .offline,
                status: name == "suspended" ? .suspended : .active, sequence: 1,
                instances: [InstanceBinding(id: Self.instance)], plugins: [plugin])
            return VerifiedLicenseToken(compact: name, claims: claims)
        }
        let status = evaluate(
            tokens, instance: Self.instance, facts: nil, memory: LicenseMemory(), now: Self.now)
        return CurrentLicense(status, tokens, isStatedAfresh: true, unknown: nil)
    }

    private func release(published: Date, _ channel: String) throws -> Release {
        try Release(
            name: try PackageName("@acme/a"), version: try SemanticVersion("1.0.0"),
            published: published, channel: channel, applicationRange: try VersionRange("*"),
            length: 1, sha512: Digest.of(.sha512, []), unpackedSize: 1, fileCount: 1)
    }
}
