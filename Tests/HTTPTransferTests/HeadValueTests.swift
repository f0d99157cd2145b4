import Diagnostics
import Testing

@testable import HTTPTransfer

@Suite struct HeadValueTests {
    @Test(
        arguments: [
            ("bytes 0-0/1", 0, 0, 1), ("bytes 5-9/*", 5, 9, nil), ("Bytes 5-9/10", 5, 9, 10),
            ("bytes 0-9223372036854775806/9223372036854775807", 0, .max - 1, .max),
        ] as [(String, Int64, Int64, Int64?)])
    func readsContentRange(_ text: String, _ first: Int64, _ last: Int64, _ total: Int64?) throws {
        let range = try #require(ContentRange(text))
        #expect(range.bytes == first...last)
        #expect(range.total == total)
    }

    @Test func readsAnUnsatisfiedRange() {
        #expect(ContentRange("bytes */7")?.total == 7)
        #expect(ContentRange("bytes */7")?.bytes == nil)
    }

    @Test(arguments: [
        "", "bytes", "bytes ", "bytes 0-1", "bytes 1-0/5", "bytes 0-5/5", "bytes -1-2/5",
        "bytes +0-2/5", "bytes 0-2/-", "bytes */*", "bytes 0-9223372036854775808/*", "items 0-1/2",
        "bytes 0 - 1/2", "bytes 0-1/2/3",
    ])
    func refusesContentRange(_ text: String) {
        #expect(ContentRange(text) == nil)
    }

    @Test func printsNoSecretOfAnAddress() throws {
        let address = try WebAddress("HTTPS://us%65r:pa55@Host.example:8443/a/../b?sig=s3cret#frag")
        #expect(address.text == "https://Host.example:8443/b?sig=s3cret")
        #expect(address.host == "host.example")
        #expect(address.port == 8_443)
        #expect(address.credentials?.reveal().user == "user")
        #expect("\(address)" == "https://Host.example:8443/b?•••")
        var dumped = ""
        dump(address, to: &dumped)
        #expect(!dumped.contains("pa55") && !dumped.contains("s3cret"))
    }

    @Test func backsOffWithinBounds() {
        for jitter in [0, 0.25, 0.999] {
            let policy = RetryPolicy(jitter: { jitter })
            for number in 1...40 {
                let delay = policy.backoff(afterTry: number)
                #expect(delay >= .milliseconds(250) && delay <= .seconds(10))
            }
        }
    }
}
