import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

/// `pkg` beside a real PostgreSQL: what an operator sees when a database moves, is away or new.
@Suite(.serialized, .enabled(if: PostgresServer.programs.isThere))
struct DatabaseTests {
    private static let password = "s3cret"

    @Test func aRestoredDatabaseIsAMismatchThatNamesTheFactAndTheValues() async throws {
        try await withServer { folder, server in
            let before = try await server.sql("SELECT system_identifier FROM pg_control_system()")
            let other = folder.appending("other")
            try await PostgresServer.makeCluster(at: other)
            let restored = try await PostgresServer.start(other)
            try await Self.makeRoleAndDatabase(restored)
            try await server.dump("app", into: restored)
            let after = try await restored.sql("SELECT system_identifier FROM pg_control_system()")

            try await TestGateway.serving(in: folder) { gateway in
                var customer = try await activated(folder, gateway, Self.url(server))
                #expect(try await customer.pkg("license", "status").status == 0)
                customer.environment["DATABASE_URL"] = Self.url(restored)
                let status = try await customer.pkg("license", "status")
                #expect(status.status == 4)
                #expect(status.errorCode == "license.key-mismatch")
                let words = status.errors.split(whereSeparator: \.isWhitespace)
                    .joined(separator: " ")
                #expect(
                    words.contains(
                        """
                        database.server (was postgresql/system \(line(before)), is \
                        postgresql/system \(line(after)))
                        """), "\(words)")
                #expect(words.contains("Unchanged: database.name."))
                #expect(words.contains("moved to another server or restored there"))
                #expect(try await customer.downloadPro(app: "1.0.0").outcome.status == 4)
                try expectNoPassword(customer, status)
            }
            try await restored.stop()
        }
    }

    @Test func aDatabaseThatIsAwayIsANoticeAndTheSavedIDHolds() async throws {
        try await withServer { folder, server in
            try await TestGateway.serving(in: folder) { gateway in
                var customer = try await activated(folder, gateway, Self.url(server))
                let id = try await customer.pkg("instance-id").output
                try await server.stop()
                customer.environment["TOLLGATE_DATABASE_WAIT"] = "0"
                let run = try await customer.downloadPro(app: "1.0.0")
                #expect(run.outcome.status == 0, "\(run.outcome.errors)")
                #expect(
                    run.outcome.errors.contains("The Instance ID worked out before holds."))
                let again = try await customer.pkg("instance-id")
                #expect(again.output == id)
                #expect(again.errors.contains("database.unreachable"))
                let fresh = try Customer(in: folder, gateway: gateway.url, key: nil, named: "new")
                let refused = try await self.run(fresh, customer.environment, ["instance-id"])
                #expect(refused.errorCode == "database.unreachable")
                #expect(refused.status == 5)
                try expectNoPassword(customer, run.outcome, again, refused)
                try await updateWhileTheDatabaseIsSilent(customer, gateway)
            }
        }
    }

    /// One that takes connections and says nothing takes half of a short time budget; the rest is for
    /// the plugins.
    private func updateWhileTheDatabaseIsSilent(
        _ customer: Customer, _ gateway: TestGateway
    ) async throws {
        let silent = try ScriptedServer { _ in [] }
        defer { silent.stop() }
        try await gateway.publish("@acme/a", "1.1.0")
        var customer = customer
        customer.environment["TOLLGATE_DATABASE_WAIT"] = "60"
        customer.environment["TOLLGATE_TIMEOUT"] = "12"
        customer.environment["DATABASE_URL"] = "postgres://app:x@127.0.0.1:\(silent.port)/app"
        let clock = ContinuousClock()
        let start = clock.now
        let run = try await customer.downloadPro(app: "1.0.0")
        #expect(clock.now - start < .seconds(30))
        #expect(run.outcome.status == 0, "\(run.outcome.errors)")
        #expect(run.plugins["@acme/a"] == "update 1.1.0 -")
    }

    @Test func aServerInPlaceOfAFileIsAMismatchThatSaysSo() async throws {
        try await withServer { folder, server in
            try await TestGateway.serving(in: folder) { gateway in
                var customer = try await activated(folder, gateway, nil)
                customer.environment["DATABASE_URL"] = Self.url(server)
                let status = try await customer.pkg("license", "status")
                #expect(status.errorCode == "license.key-mismatch")
                let words = status.errors.split(whereSeparator: \.isWhitespace)
                    .joined(separator: " ")
                #expect(words.contains("storage.id (was "))
                #expect(words.contains("A database server is configured now"))
                customer.environment["DATABASE_URL"] = nil
                #expect(try await customer.pkg("license", "status").status == 0)
            }
            try await server.stop()
        }
    }

    @Test func aWrongPasswordIsRefusedAndNotPrinted() async throws {
        try await withServer { folder, server in
            var customer = try Customer(in: folder, gateway: "http://127.0.0.1:9", key: nil)
            customer.environment["DATABASE_URL"] =
                "postgres://app:wr0ng-\(Self.password)@127.0.0.1:\(server.port)/app"
            let refused = try await customer.pkg("instance-id", "--facts", "--json")
            #expect(refused.status == 4)
            #expect(refused.errorCode == "database.refused")
            customer.environment["DATABASE_URL"] = "kingbase://app:\(Self.password)@h/app"
            let unknown = try await customer.pkg("instance-id", "--facts")
            #expect(unknown.errorCode == "usage.invalid")
            #expect(unknown.errors.contains("kingbase"))
            customer.environment["TOLLGATE_INSTANCE_ID"] = "production"
            #expect(try await customer.pkg("instance-id").status == 0)
            let pinned = try await customer.pkg("instance-id", "--force")
            #expect(pinned.errorCode == "usage.invalid")
            try expectNoPassword(customer, refused, unknown, pinned)
            try await server.stop()
        }
    }

    // MARK: Other containers

    @Test(.enabled(if: Namespace.isAllowed))
    func anotherHostNameAndBaseImageAreTheSameInstance() async throws {
        try await withServer { folder, server in
            var customer = try Customer(in: folder, gateway: "http://127.0.0.1:9", key: nil)
            customer.environment["DATABASE_URL"] = Self.url(server)
            let here = try await customer.pkg("instance-id", "--facts")
            let image = folder.appending("os-release")
            try Data("PRETTY_NAME=\"Another Linux 1\"\n".utf8).write(
                to: URL(filePath: image.string))
            let there = try await Namespace.run(
                "hostname elsewhere && mount --bind '\(image)' /etc/os-release",
                Programs.pkg, ["instance-id", "--facts"], environment: customer.environment)
            #expect(there.status == 0, "\(there.errors)")
            #expect(there.output.contains("system.image: Another Linux 1"))
            #expect(!here.output.contains("Another Linux"))
            #expect(there.output.prefix { $0 != "\n" } == here.output.prefix { $0 != "\n" })
            try await server.stop()
        }
    }

    @Test(.enabled(if: Namespace.isAllowed))
    func anImageWithoutTheLibraryStillRunsAndKeepsTheSavedID() async throws {
        let hiding = """
            for file in $(ls /usr/lib/*/libpq.so.5); do mount --bind /dev/null $(readlink -f $file); done
            """
        try await withServer { folder, server in
            var customer = try Customer(in: folder, gateway: "http://127.0.0.1:9", key: nil)
            let without = try await Namespace.run(
                hiding, Programs.pkg, ["instance-id"], environment: customer.environment)
            #expect(without.status == 0, "\(without.errors)")
            customer.environment["DATABASE_URL"] = Self.url(server)
            let id = try await customer.pkg("instance-id").output
            let held = try await Namespace.run(
                hiding, Programs.pkg, ["instance-id"], environment: customer.environment)
            #expect(held.output == id)
            #expect(held.errors.contains("database.client-missing"))

            let fresh = try Customer(
                in: folder, gateway: "http://127.0.0.1:9", key: nil, named: "b")
            let environment = fresh.environment.merging(["DATABASE_URL": Self.url(server)]) { $1 }
            let refused = try await Namespace.run(
                hiding, Programs.pkg, ["instance-id"], environment: environment)
            #expect(refused.errorCode == "database.client-missing")
            #expect(refused.errors.contains("libpq5"))
            try await server.stop()
        }
    }

    // MARK: The server and who asks it

    private func withServer(_ body: (FilePath, PostgresServer) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let cluster = folder.appending("cluster")
            try await PostgresServer.makeCluster(at: cluster)
            let server = try await PostgresServer.start(cluster)
            try await Self.makeRoleAndDatabase(server)
            try await server.sql(
                "CREATE TABLE users (id serial PRIMARY KEY)",
                "CREATE TABLE orders (id serial PRIMARY KEY)", database: "app")
            try await body(folder, server)
        }
    }

    private static func makeRoleAndDatabase(_ server: PostgresServer) async throws {
        try await server.sql(
            "CREATE ROLE app LOGIN PASSWORD '\(password)'", "CREATE DATABASE app OWNER app")
    }

    private static func url(_ server: PostgresServer) -> String {
        "postgresql://app:\(password)@127.0.0.1:\(server.port)/app"
    }

    private func activated(
        _ folder: FilePath, _ gateway: TestGateway, _ url: String?
    ) async throws -> Customer {
        try await gateway.publish("@acme/a", "1.0.0")
        let license = try await gateway.issue(["@acme/a"])
        var customer = try Customer(in: folder, gateway: gateway.url, key: license.key)
        customer.environment["DATABASE_URL"] = url
        let run = try await customer.downloadPro(app: "1.0.0")
        try #require(run.outcome.status == 0, "\(run.outcome.errors)")
        return customer
    }

    private func run(
        _ customer: Customer, _ environment: [String: String], _ arguments: [String]
    ) async throws -> Outcome {
        var environment = environment
        environment["TOLLGATE_STORAGE"] = customer.storage.string
        return try await EndToEndTests.run(Programs.pkg, arguments, environment: environment)
    }

    private func line(_ output: String) -> Substring { output.prefix { !$0.isWhitespace } }

    /// Neither in what was printed nor in any file that `pkg` wrote.
    private func expectNoPassword(_ customer: Customer, _ outcomes: Outcome...) throws {
        for outcome in outcomes {
            #expect(!(outcome.output + outcome.errors).contains(Self.password))
        }
        let root = customer.storage.string
        for name in try FileManager.default.subpathsOfDirectory(atPath: root) {
            guard let data = FileManager.default.contents(atPath: "\(root)/\(name)") else {
                continue
            }
            #expect(!String(decoding: data, as: UTF8.self).contains(Self.password), "\(name)")
        }
    }
}

/// A machine that looks different to one program: its own mounts and host name.
private enum Namespace {
    static let isAllowed: Bool = {
        guard getuid() == 0, unshareWorks else {
            print("Skipped: only root may make a mount namespace for another base image.")
            return false
        }
        return true
    }()

    private static var unshareWorks: Bool { access("/usr/bin/unshare", X_OK) == 0 }

    static func run(
        _ preparation: String, _ program: FilePath, _ arguments: [String],
        environment: [String: String]
    ) async throws -> Outcome {
        try await EndToEndTests.run(
            "/usr/bin/unshare",
            [
                "--mount", "--uts", "/bin/sh", "-c", "set -e; \(preparation); exec \"$0\" \"$@\"",
                program.string,
            ] + arguments, environment: environment)
    }
}
