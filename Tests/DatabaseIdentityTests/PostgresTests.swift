import DatabaseIdentity
import Diagnostics
import Fetcher
import Licensing
import SystemPackage
import TestSupport
import Testing

/// Against a real PostgreSQL, in clusters of the tests' own.
@Suite(.serialized, .enabled(if: PostgresServer.programs.isThere))
struct PostgresTests {
    /// With characters that an address has to escape.
    private static let password = "s3cret@/:%"

    @Test func theIDSurvivesARestartAnUpgradeInPlaceAndAnotherAddress() async throws {
        try await withCluster { folder, cluster in
            let server = try await started(cluster)
            let before = try await server.sql("SELECT system_identifier FROM pg_control_system()")
            let first = try await identity(folder, server)
            #expect(first.facts.binding["database.server"] == "postgresql/system \(before.trimmed)")
            #expect(first.facts.binding["database.name"] == "app")
            try await server.sql(
                "ALTER SYSTEM SET work_mem = '5MB'", "ALTER DATABASE app SET work_mem = '6MB'")
            try await server.stop()

            let restarted = try await PostgresServer.start(cluster)
            #expect(try await identity(folder, restarted).id == first.id)
            // The storage folder is not what says it.
            #expect(try await identity(folder, restarted, storage: "other").id == first.id)
            try await restarted.stop()

            let new = folder.appending("new")
            try await PostgresServer.makeCluster(at: new)
            try await PostgresServer.upgrade(cluster, to: new)
            let upgraded = try await PostgresServer.start(new)
            #expect(
                try await upgraded.sql("SELECT system_identifier FROM pg_control_system()")
                    != before, "pg_upgrade makes a cluster of its own")
            for _ in 1...2 {
                let third = try await identity(folder, upgraded)
                #expect(third.id == first.id)
                #expect(third.facts.binding == first.facts.binding)
            }
            try await upgraded.stop()
        }
    }

    @Test func aRestoreIntoAnotherClusterIsAnotherInstance() async throws {
        try await withCluster { folder, cluster in
            let server = try await started(cluster)
            let first = try await identity(folder, server)
            let other = folder.appending("other")
            try await PostgresServer.makeCluster(at: other)
            let restored = try await PostgresServer.start(other)
            try await makeRoleAndDatabase(restored)
            try await server.dump("app", into: restored)

            let second = try await identity(folder, restored)
            #expect(second.id != first.id)
            let salted = first.facts.salted(with: [1])
            #expect(salted.changes(in: second.facts) == ["database.server"])
            #expect(second.facts.before == [first.facts.binding])
            // Back at the first one, all is as it was.
            #expect(try await identity(folder, server).id == first.id)
            try await server.stop()
            try await restored.stop()
        }
    }

    @Test func aRestoreIntoTheSameClusterIsTheSameInstance() async throws {
        try await withCluster { folder, cluster in
            let server = try await started(cluster)
            let first = try await identity(folder, server)
            try await server.sql("ALTER DATABASE app RENAME TO old")
            #expect(
                try await identity(folder, server, database: "old").facts.binding["database.name"]
                    == "old")
            try await server.sql("CREATE DATABASE app OWNER app TEMPLATE old")
            #expect(try await identity(folder, server).id == first.id)
            try await server.stop()
        }
    }

    @Test func aServerThatStartsLateIsWaitedFor() async throws {
        try await withCluster { folder, cluster in
            let port = try freePort()
            let late = Late<PostgresServer>()
            let clock = ManualClock { number in
                guard number == 2 else { return }
                late.set(try await started(cluster, port: port))
            }
            let sighting = try await DatabaseQuestion(address(port)).ask(
                waiting: .seconds(30), clock: clock)
            #expect(sighting.identity?.hasPrefix("system ") == true)
            #expect(clock.sleeps == [.milliseconds(250), .milliseconds(500)])
            try await late.server?.stop()
        }
    }

    /// A standby that takes no sessions answers as every server does while it recovers: 57P03.
    @Test func aServerThatIsStillStartingIsWaitedFor() async throws {
        try await withCluster { folder, cluster in
            let port = try freePort()
            try await started(cluster, port: port).stop()
            let signal = PostgresServer.data(cluster).appending("standby.signal")
            try await runUnprivileged(
                "/usr/bin/touch", [signal.string], log: cluster.appending("log"))
            let starting = try PostgresServer(cluster, port: port, options: ["hot_standby=off"])
            let late = Late<PostgresServer>()
            let clock = ManualClock { number in
                guard number == 3 else { return }
                try await starting.stop()
                try await runUnprivileged("/bin/rm", [signal.string], log: cluster.appending("log"))
                late.set(try await PostgresServer.start(cluster, port: port))
            }
            _ = try await DatabaseQuestion(address(port)).ask(waiting: .seconds(30), clock: clock)
            #expect(clock.sleeps.count == 3)
            try await late.server?.stop()
        }
    }

    @Test func aServerThatStaysAwayIsUnreachableAfterTheWait() async throws {
        let clock = ManualClock()
        let port = try freePort()
        let error = await #expect(throws: DatabaseError.self) {
            try await DatabaseQuestion(address(port)).ask(waiting: .seconds(9), clock: clock)
        }
        #expect(error?.code == .databaseUnreachable)
        #expect(error?.message.contains("127.0.0.1:\(port)") == true)
        #expect(clock.sleeps.reduce(.zero, +) == .seconds(9))
    }

    @Test func whatTimeDoesNotMendIsRefusedAtOnce() async throws {
        try await withCluster { folder, cluster in
            let server = try await started(cluster)
            let escaped = Self.escapedPassword
            let host = "127.0.0.1:\(server.port)"
            for text in [
                "postgres://app:wr0ng-s3cret@\(host)/app", "postgres://app@\(host)/app",
                "postgres://nobody:\(escaped)@\(host)/app",
                "postgres://app:\(escaped)@\(host)/none",
                "postgres://app:\(escaped)@\(host)/app?sslmode=require",
                "postgres://app:\(escaped)@\(host)/app?ssl=true",
                "postgres://app:\(escaped)@\(host)/app?sslmode=banana",
            ] {
                let address = try #require(try DatabaseAddress.read(text, from: "x"))
                let clock = ManualClock()
                let error = await #expect(throws: DatabaseError.self, "\(text)") {
                    try await DatabaseQuestion(address).ask(waiting: .seconds(30), clock: clock)
                }
                #expect(error?.code == .databaseRefused, "\(text): \(error?.message ?? "")")
                #expect(clock.sleeps.isEmpty, "\(text)")
                #expect(error.map { "\($0)\($0.remedy)".contains("s3cret") } == false)
            }
            try await server.stop()
        }
    }

    @Test func aMissingLibraryIsSaidWithItsName() async throws {
        let error = await #expect(throws: DatabaseError.self) {
            try await DatabaseQuestion(address(1), postgresLibraries: ["libpq-none.so.5"]).ask(
                waiting: .seconds(30), clock: ManualClock())
        }
        #expect(error?.code == .databaseClientMissing)
        #expect(error?.message.contains("libpq-none.so.5") == true)
        #expect(error?.remedy.contains("apt-get install libpq5") == true)
    }

    @Test func theSavedIDHoldsWhileTheDatabaseIsAway() async throws {
        try await withCluster { folder, cluster in
            let server = try await started(cluster)
            let first = try await identity(folder, server)
            #expect(first.notices == [])
            try await server.stop()
            let clock = ManualClock()
            let second = try await identity(folder, server, clock: clock)
            #expect(second.id == first.id)
            #expect(second.notices.first?.hasPrefix("database.unreachable: ") == true)
            #expect(clock.sleeps.reduce(.zero, +) == .seconds(5), "nobody waits long for it")
            // Where nothing was ever proven there is nothing that could hold.
            let error = await #expect(throws: DatabaseError.self) {
                try await identity(folder, server, storage: "fresh", clock: ManualClock())
            }
            #expect(error?.code == .databaseUnreachable)
        }
    }

    @Test func fromAFileToAServerIsANewInstanceAndBackIsTheOldOne() async throws {
        try await withCluster { folder, cluster in
            let server = try await started(cluster)
            let file = try await Identity.establish(in: settings(folder, "sqlite:///x.db"))
            #expect(Set(file.facts.binding.keys) == ["storage.id"])
            let served = try await identity(folder, server)
            #expect(
                file.facts.salted(with: [1]).changes(in: served.facts) == [
                    "database.name", "database.server", "storage.id",
                ])
            #expect(try await Identity.establish(in: settings(folder, nil)).id == file.id)
            // What says itself is not made anew; the folder's own number is.
            let url = url(server.port)
            #expect(
                try await Identity.establish(in: settings(folder, url), anew: true).id == served.id)
            let anew = try await Identity.establish(in: settings(folder, nil), anew: true)
            #expect(anew.id != file.id)
            #expect(anew.facts.before.contains(file.facts.binding))
            try await server.stop()
        }
    }

    @Test func aPinnedIDAsksNoDatabase() async throws {
        try await withTemporaryFolder { folder in
            let settings = try Settings(
                flags: Settings.Flags(),
                environment: [
                    "TOLLGATE_STORAGE": folder.appending("storage").string,
                    "TOLLGATE_INSTANCE_ID": "production", "DATABASE_URL": "kingbase://h/d",
                ])
            let identity = try await Identity.establish(in: settings, clock: ManualClock())
            #expect(identity.facts.binding == ["pinned": "production"])
        }
    }

    // MARK: The server and who asks it

    private static let escapedPassword = "s3cret%40%2F%3A%25"

    private func withCluster(_ body: (FilePath, FilePath) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let cluster = folder.appending("cluster")
            try await PostgresServer.makeCluster(at: cluster)
            try await body(folder, cluster)
        }
    }

    /// With an application's role and database as they have grown.
    private func started(_ cluster: FilePath, port: UInt16? = nil) async throws -> PostgresServer {
        let server = try await PostgresServer.start(cluster, port: port)
        try await makeRoleAndDatabase(server)
        try await server.sql(
            "CREATE TABLE users (id serial PRIMARY KEY)",
            "CREATE TABLE orders (id serial PRIMARY KEY, name text UNIQUE)",
            "CREATE TABLE gone ()", "DROP TABLE gone", "CREATE TABLE articles (id int PRIMARY KEY)",
            "GRANT ALL ON ALL TABLES IN SCHEMA public TO app", database: "app")
        return server
    }

    private func makeRoleAndDatabase(_ server: PostgresServer) async throws {
        try await server.sql(
            "CREATE ROLE app LOGIN PASSWORD '\(Self.password)'", "CREATE DATABASE app OWNER app")
    }

    private func address(_ port: UInt16) -> DatabaseAddress {
        DatabaseAddress(
            .postgresql, hosts: [.init("127.0.0.1", port: port)], user: "app",
            password: Secret(Self.password), database: "app")
    }

    private func url(_ port: UInt16, database: String = "app") -> String {
        "postgresql://app:\(Self.escapedPassword)@127.0.0.1:\(port)/\(database)?schema=public"
    }

    private func identity(
        _ folder: FilePath, _ server: PostgresServer, storage: String = "storage",
        database: String = "app", clock: ManualClock = ManualClock()
    ) async throws -> Identity {
        try await Identity.establish(
            in: settings(folder, url(server.port, database: database), storage: storage),
            clock: clock)
    }
}
