import CanonicalJSON
import Diagnostics
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// `pkg explain`, and the file that `pkg support-bundle` makes.
@Suite struct ExplainTests {
    @Test(arguments: [
        (["license.key-mismatch"], ["License key mismatch", "exit code: 4"]),
        (["held-back"], ["mismatch.held-back"]),
        (["modified-on-disk"], ["mismatch.modified-on-disk", "plugins.modified-on-disk"]),
        (["6", "network.dns"], ["exit code 6:", "trust.rollback", "network.dns:"]),
        ([], ["LICENSE KEYS AND TOKENS", "unexpected"]),
    ])
    func explains(_ words: [String], _ expected: [String]) async throws {
        let outcome = try await run(Programs.pkg, ["explain"] + words)
        #expect(outcome.status == 0)
        for text in expected { #expect(outcome.output.contains(text), "\(text)") }
    }

    @Test(arguments: [
        ("license.key-mismach", "license.key-mismatch"), ("netwrok.dns", "network.dns"),
        ("hold-back", "mismatch.held-back"), ("99", ""), ("entirely different", ""),
    ])
    func saysWhatIsSpelledAlike(_ word: String, _ alike: String) async throws {
        let outcome = try await run(Programs.pkg, ["explain", "network.dns", word])
        #expect(outcome.status == 64)
        #expect(outcome.output.isEmpty, "nothing is explained by halves")
        #expect(outcome.errors.contains(alike.isEmpty ? "fix: `pkg explain`" : alike))
    }

    @Test func printsJSON() async throws {
        let outcome = try await run(Programs.pkg, ["explain", "--json", "network.dns", "5"])
        let explained = try outcome.json["explanations"]?.array ?? []
        #expect(explained.first?["code"] == "network.dns")
        #expect(explained.last?["exit_status"] == 5)
        let all = try await run(Programs.pkg, ["explain", "--json"])
        #expect(try all.json["explanations"]?.array?.count == FailureCode.all.count)
    }

    @Test func aBundleReplacesNothingAndIsItsOwnersAlone() async throws {
        try await withTemporaryFolder { folder in
            let customer = try Customer.alone(in: folder)
            let file = folder.appending("bundle.tar.gz").string
            let made = try await customer.pkg("support-bundle", "-o", file)
            #expect(made.status == 0)
            #expect(made.output == "\(file)\n")
            let attributes = try FileManager.default.attributesOfItem(atPath: file)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            let again = try await customer.pkg("support-bundle", "-o", file)
            #expect(again.errorCode == "support.file-exists")
            #expect(again.status == 64)
            let nowhere = try await customer.pkg("support-bundle", "-o", "\(folder)/none/x")
            #expect(nowhere.errorCode == "settings.path-missing")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.string).count == 2)
        }
    }

    @Test func aBundleGoesThroughAPipe() async throws {
        try await withTemporaryFolder { folder in
            let customer = try Customer.alone(in: folder)
            let listing = try await run(
                "/bin/sh", ["-c", "\"$0\" support-bundle -o - | tar -tzf -", Programs.pkg.string],
                environment: customer.environment)
            for name in ["README.txt", "doctor.json", "settings.json", "versions.json"] {
                #expect(listing.output.contains("pkg-support/\(name)\n"))
            }
        }
    }
}
