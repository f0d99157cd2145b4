import Diagnostics
import Testing

struct FailureCodeTests {
    /// Administrators search for these words.
    @Test(arguments: [
        ("license.key-mismatch", "License key mismatch"),
        ("license.key-invalid", "Invalid license key"),
        ("license.key-format", "Invalid license key format"),
        ("license.key-not-found", "License key not found"),
    ])
    func titleIsTheOneThatPeopleKnow(name: String, title: String) {
        #expect(FailureCode.named(name)?.title == title)
    }

    @Test func everyCodeOfALicenseEndsWithItsStatus() {
        let codes = FailureCode.all.filter { $0.name.hasPrefix("license.") }
        #expect(codes.count >= 23)
        for code in codes {
            #expect(code.exitStatus == .license || code.exitStatus == .verification)
        }
    }
}
