import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import Fetcher

/// What is logged stands in the file of its day.
@Suite struct LogFileTests {
    private let day = Date(timeIntervalSince1970: 1_790_000_000)
    private let today = "2026-09-21.log"
    private let tomorrow = "2026-09-22.log"

    @Test func aNewDayHasAFileOfItsOwn() async throws {
        try await withTemporaryFolder { folder in
            let log = try LogFile(in: folder, day: day)
            log.append("one", at: day)
            log.append("two", at: day + 86_400)
            // The clock was set back.
            log.append("three", at: day)
            #expect(text(folder, today) == "one\nthree\n")
            #expect(text(folder, tomorrow) == "two\n")
        }
    }

    @Test func filesAreKeptFourteenDaysAlsoWhileItRuns() async throws {
        try await withTemporaryFolder { folder in
            let log = try LogFile(in: folder, day: day)
            log.append("old", at: day)
            log.append("kept", at: day + 86_400)
            log.append("new", at: day + 15 * 86_400)
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: folder.string).sorted()
                    == [tomorrow, "2026-10-06.log"])
        }
    }

    @Test func afterTheFolderWasDeletedThereIsAFileAgain() async throws {
        try await withTemporaryFolder { folder in
            let logs = folder.appending("logs")
            let log = try LogFile(in: logs, day: day)
            log.append("one", at: day)
            try FileManager.default.removeItem(atPath: logs.string)
            log.append("two", at: day)
            #expect(text(logs, today) == "two\n")
        }
    }

    private func text(_ folder: FilePath, _ name: String) -> String? {
        try? String(contentsOfFile: folder.appending(name).string, encoding: .utf8)
    }
}
