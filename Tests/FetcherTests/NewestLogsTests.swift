import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import Fetcher

/// Of many logs the end is taken, in whole lines and without secrets.
@Suite struct NewestLogsTests {
    private let lines = (0..<100).map { "line \($0) with the password opensesame\n" }

    @Test(arguments: [
        (1_000_000, ["logs/2026-09-20.log", "logs/2026-09-21.1.log", "logs/2026-09-21.log"], 0),
        (6_000, ["logs/2026-09-21.1.log", "logs/2026-09-21.log"], 2),
        (1_000, ["logs/2026-09-21.log"], 3),
    ])
    func theNewestAreTaken(_ limit: Int64, _ names: [String], _ missing: Int) async throws {
        try await withTemporaryFolder { folder in
            for name in ["2026-09-20.log", "2026-09-21.1.log", "2026-09-21.log"] {
                try Data(lines.joined().utf8).write(
                    to: URL(filePath: folder.appending(name).string))
            }
            let logs = NewestLogs(in: folder, SecretSweep(["opensesame"]), maximumBytes: limit)
            #expect(logs.entries.map(\.name) == names)
            #expect(logs.missing.count == missing, "\(logs.missing)")
            let cleaned = lines.joined().replacing("opensesame", with: "•••")
            for entry in logs.entries {
                let text = String(decoding: entry.content, as: UTF8.self)
                #expect(text.hasPrefix("line ") && cleaned.hasSuffix(text), "\(entry.name)")
            }
            #expect(logs.entries.map(\.content.count).reduce(0, +) <= Int(limit))
        }
    }

    /// More than is read at once, so that secrets stand where one piece ends.
    @Test func noSecretIsCutByAPiece() async throws {
        try await withTemporaryFolder { folder in
            let secret = String(repeating: "s3cret-", count: 40)
            let text = String(repeating: "\(secret)\n", count: 8_000)
            try Data(text.utf8).write(
                to: URL(filePath: folder.appending("2026-09-21.log").string))
            let logs = NewestLogs(in: folder, SecretSweep([secret]))
            let content = try #require(logs.entries.first).content
            #expect(content == Array(String(repeating: "•••\n", count: 8_000).utf8))
        }
    }
}
