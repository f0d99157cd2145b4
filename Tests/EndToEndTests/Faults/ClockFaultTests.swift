import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// Clocks that are wrong, by libfaketime around the real `pkg`.
@Suite(.enabled(if: FakeTime.programs.isThere))
struct ClockFaultTests {
    @Test func aClockTenYearsAwayIsSaidAndRemovesNothing() async throws {
        try await FaultyWay.open { way in
            try await way.endure([
                NetworkFault(
                    row: "the clock is ten years behind",
                    expected: .unchanged("clock.behind", status: 4), section: .clock,
                    wrapper: FakeTime.shifting("-10y")),
                NetworkFault(
                    row: "the clock is ten years behind, at the first start",
                    expected: .nothing("clock.behind", status: 4), section: .clock,
                    start: .fresh, wrapper: FakeTime.shifting("-10y")),
                NetworkFault(
                    row: "the clock is ten years ahead",
                    // The cause; that the lease is over by this clock is said behind it.
                    expected: .unchanged("trust.expired", status: 6), section: .clock,
                    wrapper: FakeTime.shifting("+10y"), says: "Check this machine's clock"),
                NetworkFault(
                    row: "the clock is ten years ahead, at the first start",
                    expected: .nothing("trust.expired", status: 6), section: .clock,
                    start: .fresh, wrapper: FakeTime.shifting("+10y")),
            ])
        }
    }

    @Test(arguments: [("ahead", "+10y"), ("back", "-10y")])
    func aJumpDuringTheRunChangesNothing(_ direction: String, _ jump: String) async throws {
        try await FaultyWay.open { way in
            let file = way.gateway.folder.appending("clock")
            func set(_ shift: String) throws {
                try Data("\(shift)\n".utf8).write(to: URL(filePath: file.string))
            }
            try set("+0")
            let path = file.string
            try await way.endure(
                NetworkFault(
                    row: "the clock jumps ten years \(direction) during a run", expected: .overcome,
                    section: .clock,
                    wrapper: FakeTime.shifting("+0") + [
                        "/usr/bin/env", "--unset=FAKETIME", "FAKETIME_TIMESTAMP_FILE=\(path)",
                        "FAKETIME_NO_CACHE=1",
                    ],
                    // The last of the metadata, before the tarballs.
                    spoil: NetworkFault.on("snapshot.json") { _, _, _ in
                        try? Data("\(jump)\n".utf8).write(to: URL(filePath: path))
                        return nil
                    },
                    inspect: { requests, _ in
                        let last = try #require(requests.last)
                        #expect(last.target.hasSuffix(".tgz"))
                        return "the time at the start of the run holds"
                    }))
        }
    }
}
