import CanonicalJSON
import Cryptography
import FoundationEssentials
import GRDB
import Licensing
import Packages
import SystemPackage
import TestSupport
import Testing

@testable import Storage

/// A database that an earlier version made, with records in it, is brought up to date.
struct MigrationTests {
    private static let records = """
        INSERT INTO account VALUES ('acc_1', 'Beta', 1);
        INSERT INTO license VALUES (
            'lic_1', 'acc_1', 'd1', 'standard', 'suspended', 'business', 1, 2000000000, 7, 'UTC',
            'pause', 1, 2, 3, '{"f":1}', '{"seats":5}', '["a.example"]', '["next"]', 4, 1);
        INSERT INTO license_plugin VALUES ('lic_1', '@acme/x', NULL);
        INSERT INTO installation VALUES (
            'ins_1', 'lic_1', 'ti_1', '{"salt":"x"}', '{"platform":"p"}', 9, NULL, 1, 2, NULL);
        """

    @Test func licensesAndTheirInstancesOutliveTheSecondStep() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending("tollgate.db")
            let old = try DatabasePool(path: path.string)
            try GatewayDatabase.migrator.migrate(old, upTo: "0001-first-tables")
            try await old.write { try $0.execute(sql: Self.records) }
            try old.close()

            let records = try Records(path)
            let now = Date(seconds: 3)
            let bindings = try await records.installations.bindings(of: "lic_1", at: now)
            let license = bindings.license
            #expect(license.status == .suspended)
            #expect(license.sequence == 4)
            #expect(
                license.terms
                    == LicenseTerms(
                        plan: "business", isTrial: true, expires: Date(seconds: 2_000_000_000),
                        graceDays: 7, afterTerm: .pause,
                        checkIn: CheckInPolicy(interval: 1, retry: 2, lease: 3),
                        grants: [LicenseTerms.Grant(plugin: "@acme/x", updatesUntil: nil)],
                        features: ["f": 1], limits: ["seats": 5], domains: ["a.example"],
                        channels: ["next"]))
            #expect(bindings.installations.map(\.id) == ["ins_1"])
            #expect(bindings.installations[0].counter == 9)
            #expect(bindings.installations[0].validUntil == nil)
            // Two licenses without a key can stand side by side.
            for id in ["lic_2", "lic_3"] {
                let offline = LicenseRecord(
                    id: id, account: license.account, terms: LicenseTerms(grants: []), created: now)
                try await records.licenses.add(offline, keyDigest: nil, by: .gateway)
            }
            try records.close()

            let after = try DatabasePool(path: path.string)
            defer { try? after.close() }
            let (broken, left) = try await after.write { database in
                let broken = try Row.fetchAll(database, sql: "PRAGMA foreign_key_check").count
                try database.execute(sql: "DELETE FROM license WHERE id = 'lic_1'")
                return (
                    broken, try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM installation")
                )
            }
            #expect(broken == 0)
            #expect(left == 0, "what belongs to a license goes with it, as before the step")
        }
    }

    @Test func releasesOfBeforeTheThirdStepArePublishedAndLookedAt() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending("tollgate.db")
            let old = try DatabasePool(path: path.string)
            try GatewayDatabase.migrator.migrate(old, upTo: "0002-offline-and-rebinding")
            try await old.write { database in
                try database.execute(
                    sql: """
                        INSERT INTO plugin VALUES ('@acme/x', 1);
                        INSERT INTO release VALUES (
                            '@acme/x', '1.0.0', 'latest', 1, NULL, 2, ?, ?, 3, 4, NULL, NULL, '[]',
                            '{}', 1);
                        """,
                    arguments: [
                        Digest.of(.sha512, []).hex, Digest.of(.sha1, []).hex,
                    ])
            }
            try old.close()
            let records = try Records(path)
            defer { try? records.close() }
            let name = try PackageName("@acme/x")
            #expect(try await records.releases.releases(of: name).map(\.state) == [.published])
            #expect(
                try await records.releases.unsignedPlugins(expiringBefore: .distantPast)
                    == [UnsignedPlugin(name: name, changeNumber: 1)])
        }
    }
}
