import CanonicalJSON
import DatabaseIdentity
import Testing

@testable import Fetcher

/// What is remembered of the servers that were seen.
@Suite struct InstanceRecordTests {
    private func mariaDB(_ tables: [String: String], machine: String) -> DatabaseSighting {
        DatabaseSighting(
            .mariadb, version: "11", database: "app", machine: machine, relations: tables)
    }

    @Test func aServerKeepsItsNumberHoweverOftenAnotherOneIsSeen() {
        var record = InstanceRecord()
        let first = record.bind(mariaDB(["a": "1"], machine: "m1"))
        let second = record.bind(mariaDB(["a": "2"], machine: "m2"))
        #expect(first["database.server"] != second["database.server"])
        #expect(record.bind(mariaDB(["a": "1"], machine: "m3")) == first)
        // Known from then on by what it was last.
        #expect(record.bind(mariaDB(["a": "9"], machine: "m3")) == first)
        #expect(record.bind(mariaDB(["a": "2"], machine: "m4")) == second)
        #expect(record.before(second) == [first])
        for number in 10..<30 {
            _ = record.bind(mariaDB(["a": "\(number)"], machine: "m\(number)"))
        }
        #expect(record.known.count == 8)
        #expect(record.numberedServers == 22)
    }

    @Test func twoRunsAtOnceGiveTheSameNumber() throws {
        let start = InstanceRecord()
        var (one, other) = (start, start)
        let sighting = mariaDB([:], machine: "m")
        #expect(one.bind(sighting) == other.bind(sighting))
        var elsewhere = InstanceRecord()
        #expect(elsewhere.bind(sighting) != one.bind(sighting))
    }

    @Test func whatIsGivenUpStaysForMessages() {
        var record = InstanceRecord()
        let sighting = mariaDB(["a": "1"], machine: "m")
        let first = record.bind(sighting)
        let folder = record.bindStorage()
        record.forget()
        #expect(record.bindStorage() != folder)
        let again = record.bind(sighting)
        #expect(again != first)
        #expect(record.before(again).contains(first))
    }

    @Test func itComesBackFromItsFileAndReadsOlderOnes() throws {
        var record = InstanceRecord()
        _ = record.bindStorage()
        _ = record.bind(mariaDB(["a": "1"], machine: "m"))
        let json = try parseJSON(record.json.prettyBytes)
        #expect(try InstanceRecord(JSONReader(json)) == record)

        let older: JSONValue = ["schema": 1, "storage_id": "00ff"]
        let read = try InstanceRecord(JSONReader(older))
        #expect(read.known.map(\.binding) == [["storage.id": "00ff"]])
        #expect(throws: JSONError.self) { try InstanceRecord(JSONReader(["schema": 1])) }
    }

    @Test func theNumberOfATransactionAloneIsNotWritten() {
        func seen(_ transaction: UInt64, version: String = "15") -> InstanceRecord {
            var record = start
            _ = record.bind(
                DatabaseSighting(
                    .postgresql, version: version, database: "d", identity: "system 1",
                    transaction: transaction))
            return record
        }
        let start = InstanceRecord()
        #expect(seen(1).isWorthSaving(after: start))
        #expect(!seen(2).isWorthSaving(after: seen(1)))
        #expect(seen(2, version: "16").isWorthSaving(after: seen(1)))
    }
}
