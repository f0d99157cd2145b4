import Diagnostics
import FoundationEssentials
import Glibc
import Licensing
import SystemPackage
import TestSupport
import Testing

@testable import Storage

struct GatewayDatabaseTests {
    /// GRDB alone fails one of two that make a new database: the switch to WAL finds it busy.
    @Test func manyMakeItAtOnce() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending("tollgate.db")
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for number in 0..<8 {
                    tasks.addTask {
                        let records = try Records(path)
                        _ = try await records.licenses.account(
                            named: "account \(number % 2)", at: Date())
                        try records.close()
                    }
                }
                try await tasks.waitForAll()
            }
            let records = try Records(path)
            try await records.ping()
            let accounts = try await [
                records.licenses.account(named: "account 0", at: Date()),
                records.licenses.account(named: "account 1", at: Date()),
            ]
            #expect(Set(accounts.map(\.id)).count == 2)
        }
    }

    @Test func onlyItsOwnerReadsIt() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending("tollgate.db")
            let records = try Records(path)
            _ = try await records.licenses.account(named: "Beta", at: Date())
            for name in try namesInFolder(folder) {
                var status = stat()
                #expect(stat(folder.appending(name).string, &status) == 0)
                #expect(status.st_mode & 0o077 == 0, "\(name)")
            }
        }
    }

    @Test func refusesWhatIsNoDatabase() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending("tollgate.db")
            try replaceFile(
                path, with: Array(repeating: 0x41, count: 4096), permissions: [.ownerReadWrite])
            let error = #expect(throws: StorageError.self) { try Records(path) }
            #expect(error?.code == .dataFolderUnusable)
        }
    }

    @Test func migratesOnlyOnce() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending("tollgate.db")
            let first = try Records(path)
            let account = try await first.licenses.account(named: "Beta", at: Date())
            try first.close()
            let second = try Records(path)
            #expect(try await second.licenses.account(named: "Beta", at: Date()) == account)
        }
    }
}
