import Diagnostics
import FoundationEssentials
import TestSupport
import Testing

@testable import Licensing

struct SeatTests {
    private static let now = Samples.now

    @Test func usersSeenWithin90DaysTakeASeat() {
        let rows = [
            SeatRow(id: "a", status: .active, lastSeen: Self.now - 90 * Samples.day),
            SeatRow(id: "b", status: .active, lastSeen: Self.now - 90 * Samples.day - 1),
            SeatRow(id: "c", status: .active, lastSeen: nil),
            SeatRow(id: "d", status: .dormant, lastSeen: Self.now),
            SeatRow(id: "e", status: .suspended, lastSeen: Self.now),
            SeatRow(id: "f", status: .active, lastSeen: Self.now + Samples.day),
            SeatRow(id: "f", status: .dormant, lastSeen: nil),
        ]
        let count = SeatCount(rows, now: Self.now)
        #expect(count.active == 2)
        #expect(count.listed == 6)
    }

    @Test(arguments: [
        #"[{"id":"a","status":"active","last_seen_at":"2026-11-20T08:00:00Z"},{"id":2}]"#,
        #"{"users":[{"id":"a","last_seen_at":1795161600},{"id":"2","last_seen_at":""}]}"#,
        "id,status,last_seen_at\na,active,2026-11-20T08:00:00Z\n2,,\n",
        "name;x,last_seen_at , id\r\n\"A, \"\"B\"\"\n\",2026-11-20T08:00:00.000Z, a \r\n,,2\r\n\r\n",
    ])
    func listsAreReadInEveryForm(text: String) throws {
        let low: [UInt8] = text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        let high: [UInt8] = text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        for bytes in [
            Array(text.utf8), [0xEF, 0xBB, 0xBF] + text.utf8, [0xFF, 0xFE] + low,
            [0xFE, 0xFF] + high,
        ] {
            let rows = try SeatRow.list(bytes)
            #expect(rows.map(\.id) == ["a", "2"])
            #expect(rows.map(\.status) == [.active, .active])
            #expect(rows.map(\.lastSeen) == [Date(timeIntervalSince1970: 1_795_161_600), nil])
        }
    }

    @Test(arguments: [
        ("", "headings"), ("name,status\n", "headings"),
        ("id,last_seen_at\n,2026-01-01\n", "Row 2"),
        ("id,last_seen_at\na,2026-01-01\nb,yesterday\n", "Row 3"),
        ("id,status,last_seen_at\na,gone,\n", "Row 2"), ("id,last_seen_at\na\n", "Row 2"),
        ("[1]", "read"), ("{}", "read"), ("[{\"id\":\"\"}]", "read"),
        (#"[{"id":"a","last_seen_at":"soon"}]"#, "read"), ("[", "read"),
    ])
    func brokenListsAreRefused(text: String, word: String) {
        let error = #expect(throws: LicenseError.self) {
            try SeatRow.list(Array(text.utf8))
        }
        #expect(error?.code == .licenseSeatsFormat)
        #expect(error?.message.contains(word) == true, "\(error?.message ?? "")")
    }

    @Test func mutatedListsNeverCrash() throws {
        var generator = SeededGenerator(seed: 7)
        let samples = [
            Array("id,status,last_seen_at\n\"a\",active,2026-11-20\n".utf8),
            Array(#"[{"id":"a","status":"active","last_seen_at":"2026-11-20"}]"#.utf8),
        ]
        for round in 0..<2_000 {
            let bytes = mutated(samples[round % 2], using: &generator)
            do {
                for row in try SeatRow.list(bytes) { #expect(!row.id.isEmpty) }
            } catch {
                #expect(error.code == .licenseSeatsFormat)
            }
        }
    }
}
