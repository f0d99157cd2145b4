import CanonicalJSON
import DatabaseIdentity
import Testing

/// How a server is known again, without one.
@Suite struct SightingTests {

    struct Postgres: Sendable {
        var database = "app"
        var identity: String? = "system 1"
        var transaction: UInt64? = 1_000
        var relations = ["r public.a": "16387", "r public.b": "16391", "i public.c": "16400"]

        var sighting: DatabaseSighting {
            DatabaseSighting(
                .postgresql, version: "15.20", database: database, identity: identity,
                transaction: transaction, relations: relations)
        }
    }

    @Test func aClusterThatWasUpgradedGoesOn() {
        let before = Postgres().sighting
        func goesOn(_ change: (inout Postgres) -> Void) -> Bool {
            var later = Postgres(identity: "system 2", transaction: 1_200)
            change(&later)
            #expect(!later.sighting.isSameServer(as: before))
            return later.sighting.continues(before)
        }
        #expect(goesOn { _ in })
        #expect(goesOn { $0.relations["r public.new"] = "20000" })
        #expect(!goesOn { $0.transaction = 999 }, "numbers of transactions never go back")
        #expect(!goesOn { $0.transaction = nil })
        #expect(!goesOn { $0.relations["r public.a"] = "16386" }, "two of three are too few")
        #expect(!goesOn { $0.relations = [:] })
        #expect(!goesOn { $0.database = "other" })
    }

    @Test func anEmptyDatabaseProvesNothing() {
        let empty = Postgres(relations: [:]).sighting
        #expect(!Postgres(identity: "system 2", relations: [:]).sighting.continues(empty))
        #expect(Postgres(relations: [:]).sighting.isSameServer(as: empty))
    }

    struct MariaDB: Sendable {
        let machine: String?
        let tables: [String: String]
        let isSame: Bool
    }

    @Test(arguments: [
        MariaDB(machine: "m1", tables: ["a": "100", "b": "200"], isSame: true),
        MariaDB(machine: "m2", tables: ["a": "100", "b": "900"], isSame: true),
        MariaDB(machine: nil, tables: ["b": "200"], isSame: true),
        MariaDB(machine: "m1", tables: ["a": "900", "b": "900"], isSame: true),
        MariaDB(machine: "m2", tables: ["a": "900", "b": "900"], isSame: false),
        MariaDB(machine: "m2", tables: [:], isSame: false),
    ])
    func mariaDBIsKnownByItsMachineOrItsTables(_ example: MariaDB) {
        let before = DatabaseSighting(
            .mariadb, version: "10.11", database: "app", machine: "m1",
            relations: ["a": "100", "b": "200"])
        let now = DatabaseSighting(
            .mariadb, version: "11.4", database: "app", machine: example.machine,
            relations: example.tables)
        #expect(now.isSameServer(as: before) == example.isSame)
        // The two products never are the same server.
        let mysql = DatabaseSighting(
            .mysql, version: "8", database: "app", machine: "m1", relations: now.relations)
        #expect(!mysql.isSameServer(as: before))
    }

    @Test func anIdentityAloneDecidesWhereThereIsOne() {
        func node(_ identity: String, machine: String) -> DatabaseSighting {
            DatabaseSighting(
                .mariadb, version: "10.11", database: "app", identity: identity, machine: machine)
        }
        #expect(node("cluster a", machine: "2").isSameServer(as: node("cluster a", machine: "1")))
        #expect(!node("cluster b", machine: "1").isSameServer(as: node("cluster a", machine: "1")))
    }

    @Test func comesBackFromItsJSON() throws {
        let sightings = [
            Postgres(transaction: .max).sighting,
            DatabaseSighting(.mysql, version: "8.0.40", database: "d", identity: "server x"),
            DatabaseSighting(.mariadb, version: "11", database: "é", machine: "m"),
        ]
        for sighting in sightings {
            let json = try parseJSON(sighting.json.compactBytes)
            #expect(try DatabaseSighting(JSONReader(json)) == sighting)
        }
    }
}
