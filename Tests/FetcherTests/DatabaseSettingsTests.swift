import DatabaseIdentity
import Diagnostics
import SystemPackage
import TestSupport
import Testing

@testable import Fetcher

/// Where the application's database is said to be.
@Suite struct DatabaseSettingsTests {
    private static let nocoBase = [
        "DB_DIALECT": "postgres", "DB_HOST": "pg", "DB_PORT": "5433", "DB_DATABASE": "noco",
        "DB_USER": "u", "DB_PASSWORD": "s3cret",
    ]

    @Test func theFirstNameThatIsSetCounts() async throws {
        var environment = Self.nocoBase
        environment["NC_DB"] = "mysql2://nc:3306?u=u&p=s3cret&d=nc"
        environment["DATABASE_URL"] = "postgres://u:s3cret@url/d"
        for (name, host) in [("DATABASE_URL", "url"), ("DB_DIALECT", "pg"), ("NC_DB", "nc")] {
            #expect(try await database(environment)?.hosts.first?.name == host)
            environment[name] = ""
        }
        #expect(try await database(environment)?.hosts.first?.name == "file")
        #expect(try await database(environment, file: "") == nil)
    }

    @Test func singleSettingsMakeAnAddress() async throws {
        let expected = DatabaseAddress(
            .postgresql, hosts: [.init("pg", port: 5433)], user: "u", password: Secret("s3cret"),
            database: "noco")
        #expect(try await database(Self.nocoBase) == expected)
        #expect(try await database(Self.nocoBase.merging(["DB_DIALECT": "sqlite"]) { $1 }) == nil)
        // The variables say nothing without a dialect: others use such names too.
        #expect(try await database(["DB_HOST": "pg"], file: "") == nil)
    }

    @Test(arguments: [
        (["DB_DIALECT": "kingbase", "DB_PASSWORD": "s3cret"], "kingbase"),
        (["DB_DIALECT": "mysql", "DB_PORT": "s3cret"], "DB_PORT"),
        (["DATABASE_URL": "oracle://u:s3cret@h/d"], "oracle"),
        (["NC_DB": "s3cret"], "NC_DB"),
        (["TOLLGATE_DATABASE_WAIT": "soon"], "TOLLGATE_DATABASE_WAIT"),
        (["TOLLGATE_DATABASE_WAIT": "-1"], "TOLLGATE_DATABASE_WAIT"),
    ])
    func whatCannotBeUsedIsRefusedWithItsSource(
        _ environment: [String: String], _ word: String
    ) async throws {
        let error = await #expect(throws: UsageError.self) { try await database(environment) }
        #expect(error?.message.contains(word) == true)
        #expect(error.map { "\($0) \($0.remedy)".contains("s3cret") } == false)
    }

    @Test func aPinnedIDLeavesTheDatabaseAlone() async throws {
        let pinned = ["TOLLGATE_INSTANCE_ID": "x", "DATABASE_URL": "oracle://h/d"]
        #expect(try await database(pinned) == nil)
    }

    private func database(
        _ environment: [String: String], file: String = "databaseUrl: mysql://u:p@file/d"
    ) async throws -> DatabaseAddress? {
        try await withTemporaryFolder { folder in
            try Disk.writeAtomically(Array(file.utf8), to: folder.appending("pkg.yaml"))
            let storage = ["TOLLGATE_STORAGE": folder.appending("storage").string]
            return try Settings(
                flags: Settings.Flags(), environment: storage.merging(environment) { $1 }
            ).database
        }
    }
}
