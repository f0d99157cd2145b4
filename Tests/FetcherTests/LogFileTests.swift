import CanonicalJSON
import Diagnostics
import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import Fetcher

/// What is logged stands in the file of its day.
@Suite struct LogFileTests {
    private let day = Date(timeIntervalSince1970: 1_790_000_000)
    private let today = "2026-09-21.log"
    private let older = "2026-09-21.1.log"
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

    @Test func theFourteenNewestDaysAreKeptAlsoWhileItRuns() async throws {
        try await withTemporaryFolder { folder in
            let log = try LogFile(in: folder, day: day)
            for number in 0..<15 { log.append("line", at: day + Double(number) * 86_400) }
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.string).sorted()
            #expect(names.count == 14)
            #expect(names.first == tomorrow)
            #expect(names.last == "2026-10-05.log")
        }
    }

    @Test(arguments: [-20.0, 20])
    func aClockThatIsYearsAwayRemovesOneDayAtMost(_ years: Double) async throws {
        try await withTemporaryFolder { folder in
            let log = try LogFile(in: folder, day: day)
            for number in 0..<14 { log.append("line", at: day + Double(number) * 86_400) }
            let wrong = day + years * 365 * 86_400
            try LogFile(in: folder, day: wrong).append("wrong", at: wrong)
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.string)
            #expect(names.filter { $0.hasPrefix("2026-") }.count >= 13)
            #expect(names.contains("\(wrong.wireDay).log"))
        }
    }

    @Test func whatIsNoFileIsNotWaitedFor() async throws {
        try await withTemporaryFolder { folder in
            try #require(mkfifo(folder.appending(today).string, 0o600) == 0)
            let error = #expect(throws: DiskError.self) { try LogFile(in: folder, day: day) }
            #expect(error?.code == .diskUnexpectedFile)
            // One that somebody reads could be written and never be rotated.
            let reader = try FileDescriptor.open(
                folder.appending(today), .readOnly, options: [.nonBlocking])
            defer { try? reader.close() }
            #expect(throws: DiskError.self) { try LogFile(in: folder, day: day) }
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

    @Test func aFullFileIsKeptOnceAndNoMore() async throws {
        try await withTemporaryFolder { folder in
            let log = try LogFile(in: folder, day: day, maximumBytes: 20)
            for number in 1...9 { log.append("line \(number)", at: day) }
            for number in 10...500 { log.append("line \(number)", at: day) }
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.string)
            #expect(names.sorted() == [older, today])
            #expect((text(folder, today) ?? "").utf8.count <= 20)
            #expect((text(folder, older) ?? "").utf8.count <= 20)
            #expect(text(folder, today)?.hasSuffix("line 500\n") == true)
        }
    }

    @Test func twoRunsFillOneFileAndRotateItOnce() async throws {
        try await withTemporaryFolder { folder in
            let one = try LogFile(in: folder, day: day, maximumBytes: 20)
            let other = try LogFile(in: folder, day: day, maximumBytes: 20)
            one.append("one 1", at: day)
            other.append("other 2", at: day)
            one.append("one 3", at: day)
            other.append("other 4", at: day)
            one.append("one 5", at: day)
            #expect(text(folder, older) == "one 1\nother 2\none 3\n")
            #expect(text(folder, today) == "other 4\none 5\n")
        }
    }

    @Test func theOlderFileOfADayGoesWithItsDay() async throws {
        try await withTemporaryFolder { folder in
            let log = try LogFile(in: folder, day: day, maximumBytes: 4)
            log.append("one", at: day)
            log.append("two", at: day)
            for number in 1...14 { log.append("new", at: day + Double(number) * 86_400) }
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: folder.string).sorted().first
                    == tomorrow)
        }
    }

    private func text(_ folder: FilePath, _ name: String) -> String? {
        try? String(contentsOfFile: folder.appending(name).string, encoding: .utf8)
    }
}
