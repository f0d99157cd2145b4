import SystemPackage
import TestSupport
import Testing

@testable import Fetcher

@Suite struct KnownSecretsTests {
    private func secrets(_ environment: [String: String]) async throws -> Set<String> {
        try await withTemporaryFolder { folder in
            KnownSecrets(
                SettingsReading(
                    flags: Settings.Flags(storage: folder.appending("storage").string),
                    environment: environment)
            ).all
        }
    }

    /// Its words may all be too short to be looked for.
    @Test(arguments: ["a1,b2,c3", "a b c", "plain", ",,x,,"])
    func knowsTheWholeValue(_ password: String) async throws {
        let secrets = try await secrets(["PGPASSWORD": " \(password)\n"])
        #expect(secrets.contains(password), "\(secrets)")
    }

    @Test func knowsAKeyWithoutItsBeginning() async throws {
        let secrets = try await secrets(["TOLLGATE_LICENSE_KEY": "tg_ag_0WJ42QKVK2TX5V26HB7H6NWM07"]
        )
        #expect(secrets.contains("0WJ42QKVK2TX5V26HB7H6NWM07"))
    }

    @Test func knowsEachOfSeveral() async throws {
        let secrets = try await secrets(["NPM_TOKENS": "first-token, second-token"])
        #expect(secrets.isSuperset(of: ["first-token", "second-token"]))
    }
}
