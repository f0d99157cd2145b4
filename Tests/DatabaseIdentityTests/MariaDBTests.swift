import DatabaseIdentity
import Diagnostics
import Fetcher
import Licensing
import SystemPackage
import TestSupport
import Testing

/// Against a real MariaDB, in data folders of the tests' own.
@Suite(.serialized, .enabled(if: MariaDBServer.programs.isThere))
struct MariaDBTests {
    @Test func theIDSurvivesARestartAndAnotherAddress() async throws {
        try await withServer { folder, server in
            let first = try await identity(folder, server.port)
            let fact = first.facts.binding["database.server"]
            #expect(fact?.hasPrefix("mariadb/known here as ") == true)
            #expect(first.facts.binding["database.name"] == "app")
            #expect(first.facts.recorded["database.version"]?.contains("MariaDB") == true)
            try await server.sql("ALTER TABLE app.users ADD COLUMN name text")
            let uid = try await server.sql("SELECT @@server_uid")
            try await server.stop()

            // Another port gives another server_uid, as another MAC address does.
            let moved = try await MariaDBServer.start(server.folder)
            #expect(try await moved.sql("SELECT @@server_uid") != uid)
            #expect(try await identity(folder, moved.port).id == first.id)
            // Another storage folder gives this server another name.
            #expect(try await identity(folder, moved.port, storage: "other").id != first.id)
            #expect(
                try await Identity.establish(in: settings(folder, url(moved.port)), anew: true).id
                    != first.id)
            return moved
        }
    }

    @Test func aRestoreIntoAnotherServerIsAnotherInstance() async throws {
        try await withServer { folder, server in
            let first = try await identity(folder, server.port)
            let other = folder.appending("other")
            try await MariaDBServer.makeCluster(at: other)
            let restored = try await MariaDBServer.start(other)
            try await Self.makeAccountAndDatabase(restored)
            try await server.dump("app", into: restored)

            let second = try await identity(folder, restored.port)
            #expect(second.id != first.id)
            #expect(
                first.facts.salted(with: [1]).changes(in: second.facts) == ["database.server"])
            #expect(second.facts.before == [first.facts.binding])
            // A start with the wrong address costs nothing.
            #expect(try await identity(folder, server.port).id == first.id)
            #expect(try await identity(folder, restored.port).id == second.id)
            try await restored.stop()
            return server
        }
    }

    @Test func aServerThatStartsLateIsWaitedFor() async throws {
        try await withServer { folder, server in
            try await server.stop()
            let late = Late<MariaDBServer>()
            let clock = ManualClock { number in
                guard number == 2 else { return }
                late.set(try await MariaDBServer.start(server.folder, port: server.port))
            }
            let sighting = try await DatabaseQuestion(Self.address(server.port)).ask(
                waiting: .seconds(30), clock: clock)
            #expect(sighting.product == .mariadb)
            #expect(clock.sleeps.count == 2)
            return try #require(late.server)
        }
    }

    @Test func aServerThatStaysAwayIsUnreachableAfterTheWait() async throws {
        let clock = ManualClock()
        let port = try freePort()
        let error = await #expect(throws: DatabaseError.self) {
            try await DatabaseQuestion(Self.address(port)).ask(waiting: .seconds(3), clock: clock)
        }
        #expect(error?.code == .databaseUnreachable)
        #expect(clock.sleeps.reduce(.zero, +) == .seconds(3))
    }

    @Test func whatTimeDoesNotMendIsRefusedAtOnce() async throws {
        try await withServer { folder, server in
            let host = "127.0.0.1:\(server.port)"
            let cases: [(String, FailureCode)] = [
                ("mysql://app:wr0ng-s3cret@\(host)/app", .databaseRefused),
                ("mysql://app@\(host)/app", .databaseRefused),
                ("mysql://app:s3cret@\(host)/none", .databaseRefused),
                ("mysql://app:s3cret@\(host)/app?ssl=true", .databaseRefused),
                ("mysql://app:s3cret@\(host)", .databaseAnswer),
            ]
            for (text, code) in cases {
                let address = try #require(try DatabaseAddress.read(text, from: "x"))
                let clock = ManualClock()
                let error = await #expect(throws: DatabaseError.self, "\(text)") {
                    try await DatabaseQuestion(address).ask(waiting: .seconds(30), clock: clock)
                }
                #expect(error?.code == code, "\(text): \(error?.message ?? "")")
                #expect(clock.sleeps.isEmpty, "\(text)")
                #expect(error.map { "\($0)\($0.remedy)".contains("s3cret") } == false)
            }
            return server
        }
    }

    @Test func aMissingLibraryIsSaidWithItsName() async throws {
        let error = await #expect(throws: DatabaseError.self) {
            try await DatabaseQuestion(
                Self.address(1), mysqlLibraries: ["libmaria-none.so.3", "libmysql-none.so"]
            ).ask(waiting: .seconds(30), clock: ManualClock())
        }
        #expect(error?.code == .databaseClientMissing)
        #expect(error?.message.contains("libmaria-none.so.3, libmysql-none.so") == true)
        #expect(error?.remedy.contains("libmariadb3") == true)
    }

    // MARK: The server and who asks it

    /// The body stops its servers but for the one that it returns.
    private func withServer(
        _ body: (FilePath, MariaDBServer) async throws -> MariaDBServer
    ) async throws {
        try await withTemporaryFolder { folder in
            let data = folder.appending("cluster")
            try await MariaDBServer.makeCluster(at: data)
            let server = try await MariaDBServer.start(data)
            try await Self.makeAccountAndDatabase(server)
            try await server.sql(
                "CREATE TABLE users (id int PRIMARY KEY)", "CREATE TABLE orders (id int)",
                database: "app")
            try await body(folder, server).stop()
        }
    }

    private static func makeAccountAndDatabase(_ server: MariaDBServer) async throws {
        try await server.sql(
            "CREATE DATABASE app", "CREATE USER app@'127.0.0.1' IDENTIFIED BY 's3cret'",
            "GRANT ALL ON app.* TO app@'127.0.0.1'")
    }

    private static func address(_ port: UInt16) -> DatabaseAddress {
        DatabaseAddress(
            .mysql, hosts: [.init("127.0.0.1", port: port)], user: "app",
            password: Secret("s3cret"), database: "app")
    }

    private func url(_ port: UInt16) -> String { "mysql://app:s3cret@127.0.0.1:\(port)/app" }

    private func identity(
        _ folder: FilePath, _ port: UInt16, storage: String = "storage"
    ) async throws -> Identity {
        try await Identity.establish(
            in: settings(folder, url(port), storage: storage), clock: ManualClock())
    }
}
