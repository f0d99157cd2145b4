import Diagnostics
import FoundationEssentials
import Testing

@testable import Licensing

struct LicenseDomainTests {
    @Test(arguments: [
        ("app.example", "app.example", true), ("app.example", "APP.example:8443", true),
        ("app.example:443", "app.example", false), ("app.example:443", "app.example:443", true),
        ("app.example", "x.app.example", false), ("*.app.example", "x.app.example", true),
        ("*.app.example", "y.x.app.example:80", true), ("*.app.example", "app.example", false),
        ("*.app.example", "badapp.example", false), ("*.app.example", "*.app.example", true),
        ("app.example", "*.app.example", false), ("*.example:81", "a.example:81", true),
        ("*.example:81", "a.example", false), ("10.0.0.1", "10.0.0.1:3000", true),
        ("[::1]", "[::1]:3000", true), ("[fe80::1]:80", "[FE80::1]:80", true),
        ("[::1]", "localhost", false),
    ])
    func covers(domain: String, other: String, isCovered: Bool) throws {
        #expect(try LicenseDomain(domain).covers(LicenseDomain(other)) == isCovered)
    }

    @Test(arguments: [
        "", "*", "*.", "a..b", "-a.example", "a-.example", "a b", "a.example:0", "a.example:65536",
        "a.example:", "a.example:x", "[::1", "[::1]x", "*.[::1]", "[app]", "https://a.example",
        "a.example/x", "ä.example", "*.*.example", String(repeating: "a", count: 64),
    ])
    func refusesWhatIsNoDomain(text: String) {
        let error = #expect(throws: LicenseError.self) { try LicenseDomain(text) }
        #expect(error?.code == .licenseDomainFormat)
    }

    @Test(arguments: [
        ([], []), (["app.example"], []), (["app.example:8080", "app.example"], []),
        (["other.example"], ["other.example"]),
        (["app.example", "other.example", "third.example"], ["other.example", "third.example"]),
    ])
    func servedElsewhereIsAWarning(served: [String], warned: [String]) throws {
        let status = evaluate(
            [Samples.token(Samples.standard())], instance: Samples.instance, facts: nil,
            memory: LicenseMemory(), servedAt: try served.map { try LicenseDomain($0) },
            now: Samples.now)
        #expect(status.state == .active)
        #expect(status.warnings.map(\.code) == (warned.isEmpty ? [] : [.licenseDomainMismatch]))
        for domain in warned {
            #expect(status.warnings.first?.message.contains(domain) == true)
        }
    }

    @Test func aLicenseForAnyDomainCoversAll() throws {
        let anywhere = Samples.standard {
            $0.licenseID = "lic_2"
            $0.domains = []
        }
        let status = evaluate(
            [Samples.token(Samples.standard()), Samples.token(anywhere)],
            instance: Samples.instance, facts: nil, memory: LicenseMemory(),
            servedAt: [try LicenseDomain("other.example")], now: Samples.now)
        #expect(status.warnings.isEmpty)
    }
}
