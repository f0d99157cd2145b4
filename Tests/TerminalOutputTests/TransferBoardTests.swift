import Diagnostics
import TerminalOutput
import Testing

/// What is shown of downloads, for every width and moment.
@Suite struct TransferBoardTests {
    private static let megabyte: Int64 = 1_000_000

    private func board(_ lengths: [Int64] = [10 * megabyte, 40 * megabyte]) -> TransferBoard {
        TransferBoard(
            lengths.enumerated().map {
                TransferBoard.Transfer(name: "@acme/plugin-\($0)", length: $1, received: 0)
            }, at: .zero)
    }

    @Test func showsOnlyWhatIsUnderWayThenTheTotal() {
        var board = board()
        #expect(board.lines(columns: 79, rows: 23, at: .zero) == ["0 of 2  0 %  0.0 of 50.0 MB"])
        board.note("@acme/plugin-1", received: 10 * Self.megabyte, at: .seconds(2))
        #expect(
            board.lines(columns: 79, rows: 23, at: .seconds(2)) == [
                "  @acme/plugin-1  [#####---------------]   25 %   40.0 MB",
                "0 of 2  20 %  10.0 of 50.0 MB  5.0 MB/s  0:08 left",
            ])
        board.end("@acme/plugin-1", as: .done, at: .seconds(8))
        #expect(
            board.lines(columns: 79, rows: 23, at: .seconds(8)) == [
                "1 of 2  80 %  40.0 of 50.0 MB  5.0 MB/s  0:02 left"
            ])
    }

    struct Total: Sendable {
        let columns: Int
        let text: String
    }

    static let totals = [
        Total(columns: 200, text: "0 of 2  20 %  10.0 of 50.0 MB  5.0 MB/s  0:08 left"),
        Total(columns: 50, text: "0 of 2  20 %  10.0 of 50.0 MB  5.0 MB/s  0:08 left"),
        Total(columns: 49, text: "0 of 2  20 %  5.0 MB/s  0:08 left"),
        Total(columns: 30, text: "0 of 2  20 %  0:08 left"),
        Total(columns: 20, text: "20 %  0:08 left"),
        Total(columns: 5, text: "20 %"),
    ]

    @Test(arguments: totals) func theTotalLosesItsLeastImportantPartsFirst(_ test: Total) {
        var board = board()
        board.note("@acme/plugin-1", received: 10 * Self.megabyte, at: .seconds(2))
        #expect(board.total(columns: test.columns, at: .seconds(2)) == test.text)
    }

    @Test(arguments: [1, 7, 10, 20, 40, 59, 79, 199]) func noLineIsWiderThanTheTerminal(width: Int)
    {
        var board = TransferBoard(
            (0..<30).map {
                TransferBoard.Transfer(
                    name: "@acme/\(String(repeating: "long-", count: $0))ツール",
                    length: 123_456_789_012, received: 0)
            }, at: .zero)
        for index in 0..<30 {
            board.note(
                "@acme/\(String(repeating: "long-", count: index))ツール", received: 99_999,
                at: .seconds(3))
        }
        let lines = board.lines(columns: width, rows: 23, at: .seconds(3))
        #expect(lines.count == 23)
        #expect(lines.allSatisfy { $0.columns <= width || (width < 4 && $0.columns <= 4) })
        #expect(width < 20 || lines[21] == "  … and 9 more")
    }

    @Test func aTransferThatStandsStillIsSaidToBeStalled() {
        var board = board()
        board.note("@acme/plugin-0", received: Self.megabyte, at: .seconds(1))
        #expect(board.total(at: .seconds(3)).hasSuffix("333 kB/s  2:27 left"))
        #expect(board.total(at: .seconds(7)).hasSuffix("0 B/s  stalled"))
    }

    @Test func aDownloadThatBeginsAnewLosesWhatItHad() {
        var board = board()
        board.note("@acme/plugin-0", received: 9 * Self.megabyte, at: .seconds(1))
        board.note("@acme/plugin-0", received: 0, at: .seconds(2))
        #expect(board.received == 0)
        #expect(board.total(at: .seconds(2)).contains("0.0 of 50.0 MB"))
    }

    @Test func whatAnEarlierRunLeftCountsForTheRestAndNotForTheRate() {
        var board = TransferBoard(
            [TransferBoard.Transfer(name: "a", length: 100, received: 50)], at: .zero)
        board.note("a", received: 60, at: .seconds(1))
        #expect(board.total(at: .seconds(1)) == "0 of 1  60 %  60 of 100 B  10 B/s  0:04 left")
    }

    @Test func aTarballWithoutLengthIsComplete() {
        var board = board([0])
        board.end("@acme/plugin-0", as: .failed, at: .seconds(1))
        #expect(board.total(at: .seconds(1)) == "1 of 1  100 %  0 of 0 B")
    }
}
