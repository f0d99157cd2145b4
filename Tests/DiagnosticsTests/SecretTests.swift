import Diagnostics
import Testing

@Suite struct SecretTests {
    struct Holder {
        let token: Secret<String>
        let bytes: Secret<[UInt8]>
        let optional: Secret<String>?
    }

    @Test func isNeverPrinted() {
        let secret = Secret("hunter2")
        let holder = Holder(token: secret, bytes: Secret([104, 117]), optional: secret)
        var dumped = ""
        dump(secret, to: &dumped)
        dump(holder, to: &dumped)
        dump([secret], to: &dumped)
        let texts = [
            "\(secret)", "\([secret])", "\(holder)", "\(["key": secret])",
            String(describing: secret),
            String(reflecting: secret), String(reflecting: holder), String(reflecting: [secret]),
            "\(Optional(secret) as Any)", dumped,
        ]
        for text in texts {
            #expect(!text.contains("hunter2"), "\(text)")
            #expect(!text.contains("104"), "\(text)")
            #expect(text.contains("•••"), "\(text)")
        }
        #expect(Mirror(reflecting: secret).children.isEmpty)
    }

    @Test func isRevealedOnDemand() {
        #expect(Secret("hunter2").reveal() == "hunter2")
    }

    @Test func isComparedByItsValue() {
        #expect(Secret("a") == Secret("a"))
        #expect(Secret("a") != Secret("b"))
        #expect(Set([Secret("a"), Secret("a")]).count == 1)
    }
}
