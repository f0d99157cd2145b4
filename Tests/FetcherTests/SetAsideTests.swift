import CanonicalJSON
import Diagnostics
import Fetcher
import FoundationEssentials
import Glibc
import Packages
import SystemPackage
import TestSupport
import Testing

/// What is in the way of a change, may be somebody's work, or leads out of our folders.
@Suite struct SetAsideTests {
    private let name = "@acme/plugin-x"

    @Test func aRepairKeepsWhatItReplaced() async throws {
        try await withTemporaryFolder { folder in
            let plugins = try StagedPlugins(in: folder)
            let name = try plugins.install(name, "1.0.0", ["a.js": "one"]).name
            let work = plugins.storage.plugin(name).appending("work.txt")
            try Disk.writeAtomically(Array("work".utf8), to: work)
            try setTime(of: plugins.storage.plugin(name), daysAgo: 60)
            try plugins.install(self.name, "1.0.0", ["a.js": "one"])
            #expect(try plugins.visible(self.name, "work.txt") == nil)
            try plugins.installer.prune(before: daysAgo(30), keepingDownloadsOf: [])
            #expect(try replaced(in: plugins, "work.txt") == "work", "kept from now on")
            try plugins.installer.prune(before: daysAgo(-1), keepingDownloadsOf: [])
            #expect(try Disk.names(in: plugins.storage.replaced) == [])
        }
    }

    /// What was put there after the plan was made, and before the plugin was.
    @Test func whatNobodyKnewOfIsKept() async throws {
        try await withTemporaryFolder { folder in
            let plugins = try StagedPlugins(in: folder)
            let name = try PackageName(name)
            try Disk.makeFolder(plugins.storage.plugin(name))
            try Disk.writeAtomically(
                Array("work".utf8), to: plugins.storage.plugin(name).appending("work.txt"))
            try plugins.install(self.name, "1.0.0", ["a.js": "one"])
            #expect(try plugins.isIntact(self.name))
            #expect(try replaced(in: plugins, "work.txt") == "work")
        }
    }

    @Test func whatWasInTheWayIsKeptFromThen() async throws {
        try await withTemporaryFolder { folder in
            let plugins = try StagedPlugins(in: folder)
            for path in [plugins.storage.receipts, plugins.storage.broken] {
                try Disk.writeAtomically(Array("old".utf8), to: path)
                try setTime(of: path, daysAgo: 60)
            }
            try plugins.storage.mend()
            try plugins.installer.prune(before: daysAgo(30), keepingDownloadsOf: [])
            #expect(try Disk.filesBelow(plugins.storage.broken).count == 2)
        }
    }

    /// A journal does not lead out of the plugins by the link of a scope.
    @Test(arguments: [Journal.Change.put(origin: nil), .remove])
    func noRecoveryFollowsTheLinkOfAScope(_ change: Journal.Change) async throws {
        try await withTemporaryFolder { folder in
            let plugins = try StagedPlugins(in: folder.appending("storage"))
            let outside = folder.appending("outside")
            try Disk.makeFolder(outside.appending("a"))
            try FileManager.default.createSymbolicLink(
                atPath: plugins.storage.plugins.appending("@acme").string,
                withDestinationPath: outside.string)
            for name in ["@acme/a", "@acme/b"] {
                let name = try PackageName(name)
                for place in [plugins.staging.new(name), plugins.staging.old(name)] {
                    try Disk.makeFolder(place)
                }
                let journal = Journal(
                    stagingName: plugins.staging.name,
                    entries: [Journal.Entry(name: name, change: change)], isOneSet: true)
                try Disk.writeAtomically(journal.json.compactBytes, to: plugins.storage.journal)
                let recovery = try plugins.installer.recover()
                #expect(recovery.failures.map(\.code) == [.diskUnexpectedFile])
            }
            #expect(try Disk.names(in: outside) == ["a"])
        }
    }

    /// What was staged before there was a journal keeps no run from its work.
    @Test func whatCannotBeEndedWithoutAJournalIsSetAside() async throws {
        try await withTemporaryFolder { folder in
            let plugins = try StagedPlugins(in: folder)
            try plugins.stage(name, "1.0.0", ["a.js": "one"])
            try FileManager.default.createSymbolicLink(
                atPath: plugins.storage.plugins.appending("@acme").string,
                withDestinationPath: "/nonexistent")
            #expect(try plugins.installer.recover().failures.map(\.code) == [.diskUnexpectedFile])
            #expect(try Disk.names(in: plugins.storage.broken).count == 1)
            #expect(try plugins.installer.recover().failures.isEmpty)
        }
    }

    @Test func nothingThatALinkLeadsToIsRemoved() async throws {
        try await withTemporaryFolder { folder in
            let (inside, outside) = (folder.appending("inside"), folder.appending("outside"))
            try Disk.makeFolder(inside.appending("deep"))
            try Disk.makeFolder(outside)
            try Disk.writeAtomically([1], to: outside.appending("file"))
            try FileManager.default.createSymbolicLink(
                atPath: inside.appending("deep/link").string, withDestinationPath: outside.string)
            // Latin-1, which is no UTF-8.
            let name: [CChar] = inside.appending("deep/").string.utf8CString.dropLast() + [-23, 0]
            try #require(mkdir(name, 0o755) == 0)
            try Disk.remove(inside)
            #expect(try Disk.status(inside) == nil)
            try Disk.remove(inside)
            #expect(try Disk.names(in: outside) == ["file"])
        }
    }

    private func daysAgo(_ days: Double) -> Date { .now.addingTimeInterval(-days * 24 * 3_600) }

    private func setTime(of path: FilePath, daysAgo days: Double) throws {
        try FileManager.default.setAttributes(
            [.modificationDate: daysAgo(days)], ofItemAtPath: path.string)
    }

    /// The content of a file of the one plugin that something took the place of.
    private func replaced(in plugins: StagedPlugins, _ file: String) throws -> String? {
        let folder = plugins.storage.replaced
        let path = try #require(try Disk.filesBelow(folder).first { $0.hasSuffix("/\(file)") })
        return try Disk.read(folder.appending(path)).map { String(decoding: $0, as: UTF8.self) }
    }
}
