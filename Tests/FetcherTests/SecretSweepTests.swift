import Cryptography
import Testing

@testable import Fetcher

@Suite struct SecretSweepTests {
    private static let secret = "p/w@rd: 9\"x"

    @Test(arguments: [
        secret, "p%2Fw%40rd%3A%209%22x", "p%2fw%40rd%3a%209%22x", "p%2Fw%40rd%3A+9%22x",
        #"p/w@rd: 9\"x"#, Hex.encode(Array(secret.utf8)),
        Hex.encode(Array(secret.utf8)).uppercased(),
        "P/W@RD: 9\"X",
    ])
    func findsEachForm(_ form: String) {
        let sweep = SecretSweep([Self.secret])
        let cleaned = sweep.cleaned(Array("before \(form) after".utf8))
        #expect(String(decoding: cleaned, as: UTF8.self) == "before ••• after")
    }

    /// Basic credentials have a name before the password, of whatever length.
    @Test(arguments: ["", "a", "kim", "admin"])
    func findsBasicCredentials(_ user: String) {
        let sweep = SecretSweep([Self.secret])
        let basic = Base64.encode(Array("\(user):\(Self.secret)".utf8))
        let cleaned = String(decoding: sweep.cleaned(Array(basic.utf8)), as: UTF8.self)
        #expect(cleaned.contains("•••"), "\(basic)")
    }

    @Test func theLongestIsReplacedAndShortOnesAreNone() {
        let sweep = SecretSweep(["word", "wordlong", "abc"])
        let cleaned = sweep.cleaned(Array("wordlong word abc".utf8))
        #expect(String(decoding: cleaned, as: UTF8.self) == "••• ••• abc")
    }
}
