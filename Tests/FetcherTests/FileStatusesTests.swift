import Diagnostics
import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import Fetcher

/// What is said of a file by its open folder is what is said of it by its path.
@Suite struct FileStatusesTests {
    @Test func saysWhatAWholePathSays() async throws {
        try await withTemporaryFolder { folder in
            let manager = FileManager.default
            var paths = ["top", "absent", "absent/below", "top/below", "link", "linked/file"]
            // More folders than are kept open, twice, to and fro.
            for number in 0..<40 {
                let path = "a/\(number % 20)/f\(number)"
                try manager.createDirectory(
                    atPath: folder.appending("a/\(number % 20)").string,
                    withIntermediateDirectories: true)
                try Data(repeating: 1, count: number).write(
                    to: URL(filePath: folder.appending(path).string))
                paths.append(path)
            }
            try Data("top".utf8).write(to: URL(filePath: folder.appending("top").string))
            try manager.createSymbolicLink(
                atPath: folder.appending("link").string, withDestinationPath: "top")
            try manager.createDirectory(
                atPath: folder.appending("real").string, withIntermediateDirectories: true)
            try Data("file".utf8).write(to: URL(filePath: folder.appending("real/file").string))
            try manager.createSymbolicLink(
                atPath: folder.appending("linked").string, withDestinationPath: "real")
            var statuses = try FileStatuses(below: folder)
            for path in paths + paths.reversed() {
                let status = try statuses.status(path)
                #expect(try status == Disk.status(folder.appending(path)), "\(path)")
            }
            #expect(try statuses.status("link")?.kind == .symbolicLink)
            #expect(try statuses.status("a/19/f39")?.size == 39)
        }
    }

    @Test func aFolderThatIsALinkIsNotLookedInto() async throws {
        try await withTemporaryFolder { folder in
            let link = folder.appending("link")
            try FileManager.default.createSymbolicLink(
                atPath: link.string, withDestinationPath: ".")
            let failure = #expect(throws: DiskError.self) {
                var statuses = try FileStatuses(below: link)
                _ = try statuses.status("file")
            }
            #expect(failure?.code == .diskUnexpectedFile)
        }
    }
}
