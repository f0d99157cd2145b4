import HTTPTypes
import Hummingbird
import Testing

@testable import Gateway

/// What links begin with, and who counts as the client.
struct OriginTests {
    struct Case: CustomTestStringConvertible {
        var access = GatewayAccess.behindProxy
        var settings = "https://plugins.acme.example"
        var host: String?
        var headers: [String: String] = [:]
        let expected: String
        var testDescription: String { "\(host ?? "-") \(headers)" }
    }

    private static let fallback = "https://plugins.acme.example"

    static let direct = [
        Case(access: .direct, host: "10.0.0.7:8080", expected: fallback),
        Case(
            access: .direct, settings: "http://127.0.0.1:8080", host: "10.0.0.7:8080",
            expected: "http://10.0.0.7:8080"),
        Case(
            access: .direct, settings: "http://127.0.0.1:8080", host: "[::1]:80",
            expected: "http://[::1]:80"),
        Case(
            access: .direct, settings: "http://127.0.0.1:8080", host: "a b",
            expected: "http://127.0.0.1:8080"),
        Case(
            access: .direct, settings: "http://127.0.0.1:8080",
            expected: "http://127.0.0.1:8080"),
        Case(
            access: .direct, settings: "http://127.0.0.1:8080", host: "x",
            headers: ["X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"],
            expected: "http://x"),
    ]

    static let forwarded = [
        Case(host: "evil.example", expected: fallback),
        Case(headers: ["X-Forwarded-Host": "a.example"], expected: fallback),
        Case(headers: ["X-Forwarded-Proto": "https"], expected: fallback),
        forwarded("https", "a.example", "https://a.example"),
        forwarded("http", "a.example:8080", "http://a.example:8080"),
        forwarded("https", "[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
        forwarded("ftp", "a.example", fallback),
        forwarded("https, http", "a.example", fallback),
        forwarded("https", "a.example, b.example", fallback),
        forwarded("https", "a.example/x", fallback),
        forwarded("https", "me@a.example", fallback),
        forwarded("https", "a..example", fallback),
        forwarded("https", "a.example:0", fallback),
        forwarded("https", "a.example:99999", fallback),
        forwarded("https", "[::1", fallback),
        forwarded("https", "[a]", fallback),
        forwarded("https", "a\"b", fallback),
        forwarded("https", String(repeating: "a", count: 300), fallback),
        forwarded("https", "a.example", "https://a.example:8443", ["X-Forwarded-Port": "8443"]),
        forwarded("https", "a.example", "https://a.example", ["X-Forwarded-Port": "443"]),
        forwarded("http", "a.example", "http://a.example", ["X-Forwarded-Port": "80"]),
        forwarded("https", "a.example:1", "https://a.example:1", ["X-Forwarded-Port": "2"]),
        forwarded("https", "a.example", fallback, ["X-Forwarded-Port": "x"]),
        forwarded("https", "a.example", "https://a.example/p/q", ["X-Forwarded-Prefix": "/p/q/"]),
        forwarded("https", "a.example", "https://a.example", ["X-Forwarded-Prefix": "/"]),
        forwarded("https", "a.example", fallback, ["X-Forwarded-Prefix": "p"]),
        forwarded("https", "a.example", fallback, ["X-Forwarded-Prefix": "//p"]),
        forwarded("https", "a.example", fallback, ["X-Forwarded-Prefix": "/../p"]),
        forwarded("https", "a.example", fallback, ["X-Forwarded-Prefix": "/p?x"]),
    ]

    private static func forwarded(
        _ scheme: String, _ host: String, _ expected: String, _ more: [String: String] = [:]
    ) -> Case {
        let headers = ["X-Forwarded-Proto": scheme, "X-Forwarded-Host": host]
        return Case(headers: headers.merging(more) { $1 }, expected: expected)
    }

    @Test(arguments: direct + forwarded) func linksBeginWithWhatIsValid(_ given: Case) throws {
        var fields = HTTPFields()
        for (name, value) in given.headers { fields[try #require(HTTPField.Name(name))] = value }
        let request = Request(
            head: HTTPRequest(
                method: .get, scheme: "http", authority: given.host, path: "/",
                headerFields: fields),
            body: RequestBody(buffer: ByteBuffer()))
        let origin = RequestOrigin(
            of: request, given.access, try VendorSettings(url: given.settings))
        #expect(origin.url == given.expected)
    }

    struct Forwarded {
        let header: String
        let address: String?
    }

    @Test(arguments: [
        Forwarded(header: "192.0.2.1", address: "192.0.2.1"),
        Forwarded(header: "6.6.6.6, 192.0.2.1", address: "192.0.2.1"),
        Forwarded(header: "6.6.6.6,192.0.2.1\t", address: "192.0.2.1"),
        Forwarded(header: "192.0.2.1:4711", address: "192.0.2.1"),
        Forwarded(header: "2001:DB8::1", address: "2001:db8::1"),
        Forwarded(header: "[2001:db8::1]:80", address: "2001:db8::1"),
        Forwarded(header: "[2001:db8::1]", address: "2001:db8::1"),
        Forwarded(header: "::ffff:192.0.2.1", address: "192.0.2.1"),
        Forwarded(header: "192.0.2.1,", address: nil),
        Forwarded(header: "192.0.2.1, unknown", address: nil),
        Forwarded(header: "192.0.2", address: nil),
        Forwarded(header: "192.0.2.256", address: nil),
        Forwarded(header: "192.0.2.01x", address: nil),
        Forwarded(header: "fe80::1%eth0", address: nil),
        Forwarded(header: "", address: nil),
    ])
    func theLastAddressIsTheClient(_ given: Forwarded) {
        #expect(ClientAddress(lastOf: given.header)?.description == given.address)
    }

    @Test func aCustomerHasAllOfA64() throws {
        func network(_ text: String) throws -> UInt64 {
            try #require(ClientAddress(text)).network
        }
        #expect(try network("2001:db8:0:1::1") == network("2001:db8:0:1:ffff::2"))
        #expect(try network("2001:db8:0:1::1") != network("2001:db8:0:2::1"))
        #expect(try network("192.0.2.1") != network("192.0.2.2"))
        #expect(try network("192.0.2.1") == network("::ffff:192.0.2.1"))
    }
}
