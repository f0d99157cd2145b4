import Cryptography
import FoundationEssentials
import Licensing
import Packages
import Storage
import Testing

@testable import Gateway

struct ReleaseAccessTests {
    static let now = Date(timeIntervalSince1970: 1_800_000_000)

    struct Case: CustomTestStringConvertible {
        let testDescription: String
        var plugin = "@acme/x"
        var channel = "latest"
        var yanked: String?
        /// Days before now.
        var publishedAgo = 10.0
        var hasLicense = true
        let expected: ReleaseAccess.Decision
        var change: @Sendable (inout LicenseRecord) -> Void = { _ in }
    }

    static let cases = [
        Case(testDescription: "licensed", expected: .granted),
        Case(testDescription: "not licensed", plugin: "@acme/other", expected: .unknown),
        Case(testDescription: "no license", hasLicense: false, expected: .unknown),
        Case(
            testDescription: "free without a license", plugin: "@acme/free", hasLicense: false,
            expected: .granted),
        Case(testDescription: "suspended", expected: .forbidden(.suspended)) {
            $0.status = .suspended
        },
        Case(testDescription: "revoked", expected: .forbidden(.revoked)) { $0.status = .revoked },
        Case(
            testDescription: "not licensed and revoked: still not to be known",
            plugin: "@acme/other", expected: .unknown
        ) { $0.status = .revoked },
        Case(
            testDescription: "yanked stays for those who run it", yanked: "bug", expected: .granted),
        Case(
            testDescription: "another channel", channel: "next",
            expected: .forbidden(.channelNotAllowed)),
        Case(testDescription: "a channel it names", channel: "next", expected: .granted) {
            $0.terms.channels = ["next"]
        },
        Case(testDescription: "the default channel beside one it names", expected: .granted) {
            $0.terms.channels = ["next"]
        },
        Case(
            testDescription: "published after the update period",
            expected: .forbidden(.updatePeriodEnded)
        ) { $0.terms.grants[0].updatesUntil = now.addingTimeInterval(-11 * 86_400) },
        Case(testDescription: "published at its last moment", expected: .granted) {
            $0.terms.grants[0].updatesUntil = now.addingTimeInterval(-10 * 86_400)
        },
        Case(testDescription: "in grace", expected: .granted) {
            $0.terms.expires = now.addingTimeInterval(-86_400)
            $0.terms.graceDays = 2
            $0.terms.afterTerm = .pause
        },
        Case(testDescription: "after grace, pausing", expected: .forbidden(.termEnded)) {
            $0.terms.expires = now.addingTimeInterval(-3 * 86_400)
            $0.terms.graceDays = 2
            $0.terms.afterTerm = .pause
        },
        Case(testDescription: "after grace, keeping what was covered", expected: .granted) {
            $0.terms.expires = now.addingTimeInterval(-3 * 86_400)
            $0.terms.graceDays = 2
        },
        Case(
            testDescription: "after grace, published after the term", publishedAgo: 2,
            expected: .forbidden(.updatePeriodEnded)
        ) {
            $0.terms.expires = now.addingTimeInterval(-3 * 86_400)
            $0.terms.graceDays = 0
        },
    ]

    @Test(arguments: cases) func decides(_ given: Case) throws {
        var license = LicenseRecord(
            id: "lic_1", account: LicenseAccount(id: "acc_1", name: "Beta"),
            terms: LicenseTerms(
                grants: [LicenseTerms.Grant(plugin: "@acme/x", updatesUntil: nil)]),
            created: Self.now)
        given.change(&license)
        let release = try Release(
            name: PackageName(given.plugin), version: SemanticVersion("1.0.0"),
            published: Self.now.addingTimeInterval(-given.publishedAgo * 86_400),
            channel: given.channel, applicationRange: nil, length: 1,
            sha512: Digest.of(.sha512, []), unpackedSize: 1, fileCount: 1, yanked: given.yanked)
        let access = ReleaseAccess(profile: TestVendor.profile, now: Self.now)
        #expect(
            access.decision(
                for: given.hasLicense ? .licensee(license) : .anonymous, on: release)
                == given.expected)
    }
}
