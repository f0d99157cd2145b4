import CanonicalJSON
import Cryptography
import Foundation
import Glibc
import Packages
import SystemPackage
import TestSupport
import Testing

@testable import Storage

/// What tells the gateway that an answer it keeps is no longer right.
struct RevisionTests {
    @Test func aChangeOfAnotherConnectionIsNoticedAtOnce() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending("tollgate.db")
            let gateway = try Records(path)
            let program = try Records(path)
            defer {
                try? gateway.close()
                try? program.close()
            }
            var last = try await gateway.revisions.current()
            for index in 0..<200 {
                #expect(try await gateway.revisions.current() == last)
                let file = SignedFileRecord(
                    path: "vendor.json", sha512: Digest.of(.sha512, [UInt8(index)]), length: 1)
                try await program.signedFiles.put(file, at: Date())
                let next = try await gateway.revisions.current()
                #expect(next.catalogue > last.catalogue)
                // It may be the list of the keys that tokens are believed by.
                #expect(next.access > last.access)
                last = next
            }
            let release = try Release(
                name: PackageName("@acme/x"), version: SemanticVersion("1.0.0"), published: Date(),
                applicationRange: nil, length: 1, sha512: Digest.of(.sha512, [1]),
                unpackedSize: 1, fileCount: 1)
            try await program.releases.add(
                ReleaseRecord(release: release, sha1: Digest.of(.sha1, [1]), manifest: [:]),
                by: .gateway, at: Date())
            let next = try await gateway.revisions.current()
            #expect(next.catalogue > last.catalogue)
            #expect(next.access == last.access)
        }
    }

    /// Closing a second descriptor of the file would end SQLite's locks on it: the next program would
    /// take the log's index for abandoned and cut it off under the gateway.
    @Test func sqliteKeepsItsLockOnTheIndexOfTheLog() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending("tollgate.db")
            let records = try Records(path)
            defer { try? records.close() }
            _ = try await records.revisions.current()
            var status = stat()
            #expect(stat("\(path)-shm", &status) == 0)
            let locks = try String(contentsOfFile: "/proc/locks", encoding: .utf8)
                .split(separator: "\n")
                .filter { $0.contains(":\(status.st_ino) ") && $0.contains(" \(getpid()) ") }
            #expect(!locks.isEmpty)
        }
    }

    @Test func afterTheEndNothingIsLookedAt() async throws {
        try await withTemporaryFolder { folder in
            let database = try GatewayDatabase(folder.appending("tollgate.db"))
            let mark = try DatabaseMark(of: database)
            #expect(mark.current() != nil)
            mark.forget()
            #expect(mark.current() == nil)
            try database.close()
        }
    }
}
