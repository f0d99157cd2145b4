import CanonicalJSON
import Cryptography
import Diagnostics
import Fetcher
import FoundationEssentials
import Packages
import SystemPackage
import TestSupport
import Testing

@Suite struct InstallerTests {
    private let name = "@acme/plugin-x"

    @Test func putsANewPluginInPlace() async throws {
        try await withTemporaryFolder { folder in
            let plugins = try StagedPlugins(in: folder)
            try plugins.install(name, "1.0.0", ["package.json": "{}", "lib/a.js": "one"])
            #expect(try plugins.visible(name, "lib/a.js") == "one")
            #expect(try plugins.receipt(name)?.version.description == "1.0.0")
            #expect(try plugins.isIntact(name))
            #expect(try Disk.status(plugins.storage.journal) == nil)
            #expect(try Disk.status(plugins.staging.folder) == nil)
        }
    }

    @Test func keepsTheReplacedReleaseAsPrevious() async throws {
        try await withTemporaryFolder { folder in
            let plugins = try StagedPlugins(in: folder)
            try plugins.install(name, "1.0.0", ["a.js": "one", "gone.js": "x"])
            try plugins.install(name, "2.0.0", ["a.js": "two"])
            #expect(try plugins.visible(name, "a.js") == "two")
            #expect(try plugins.visible(name, "gone.js") == nil)
            let previous = SetAside(.previous, of: try PackageName(name), in: plugins.storage)
            #expect(try previous.receipt()?.version.description == "1.0.0")
            #expect(try Disk.read(previous.package.appending("gone.js")) == Array("x".utf8))
        }
    }

    @Test func setsARemovedPluginAside() async throws {
        try await withTemporaryFolder { folder in
            let plugins = try StagedPlugins(in: folder)
            let receipt = try plugins.install(name, "1.0.0", ["a.js": "one"])
            let failures = try plugins.installer.install(
                [Journal.Entry(name: receipt.name, change: .remove)], from: plugins.staging)
            #expect(failures.isEmpty)
            #expect(try plugins.visible(name, "a.js") == nil)
            #expect(try plugins.receipt(name) == nil)
            #expect(try plugins.installer.setAsideByRemoval() == [receipt])
        }
    }

    /// A moment at which an update from 1.0.0 to 2.0.0 was killed, and what must be visible after
    /// the next run's recovery.
    struct KilledUpdate: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let expected: String
        /// Brings the folder, with 2.0.0 staged, into the state of that moment.
        let kill: @Sendable (StagedPlugins, PackageName) throws -> Void
    }

    static let killedUpdates: [KilledUpdate] = [
        KilledUpdate(testDescription: "while staging", expected: "1.0.0") { _, _ in },
        KilledUpdate(testDescription: "after the journal", expected: "1.0.0") { plugins, name in
            try plugins.writeJournal(of: name)
        },
        KilledUpdate(testDescription: "after the exchange", expected: "2.0.0") { plugins, name in
            try plugins.writeJournal(of: name)
            let isDone = try Disk.exchange(plugins.staging.new(name), plugins.storage.plugin(name))
            try #require(isDone)
        },
        KilledUpdate(testDescription: "after the first of two renames", expected: "2.0.0") {
            plugins, name in
            try plugins.writeJournal(of: name)
            try Disk.makeFolder(plugins.staging.old(name).removingLastComponent())
            try Disk.rename(plugins.storage.plugin(name), to: plugins.staging.old(name))
        },
        KilledUpdate(testDescription: "after the old folder went to previous", expected: "2.0.0") {
            plugins, name in
            try plugins.writeJournal(of: name)
            let isDone = try Disk.exchange(plugins.staging.new(name), plugins.storage.plugin(name))
            try #require(isDone)
            let previous = SetAside(.previous, of: name, in: plugins.storage)
            try Disk.makeFolder(previous.folder)
            try Disk.rename(plugins.staging.new(name), to: previous.package)
        },
        KilledUpdate(testDescription: "between the receipts", expected: "2.0.0") { plugins, name in
            try plugins.writeJournal(of: name)
            let isDone = try Disk.exchange(plugins.staging.new(name), plugins.storage.plugin(name))
            try #require(isDone)
            let previous = SetAside(.previous, of: name, in: plugins.storage)
            try Disk.makeFolder(previous.folder)
            try Disk.rename(plugins.staging.new(name), to: previous.package)
            try Disk.rename(
                ReceiptStore(in: plugins.storage.receipts).path(of: name), to: previous.receiptPath)
        },
        KilledUpdate(testDescription: "before the journal went", expected: "2.0.0") {
            plugins, name in
            let failures = try plugins.installer.install(
                [Journal.Entry(name: name, change: .put(origin: nil))], from: plugins.staging)
            try #require(failures.isEmpty)
            try plugins.writeJournal(of: name)
        },
        KilledUpdate(testDescription: "with a journal cut off", expected: "1.0.0") {
            plugins, name in
            try plugins.writeJournal(of: name)
            let journal = try #require(try Disk.read(plugins.storage.journal))
            try Disk.writeAtomically(Array(journal.dropLast(9)), to: plugins.storage.journal)
        },
    ]

    @Test(arguments: killedUpdates)
    func recoversAKilledUpdate(_ update: KilledUpdate) async throws {
        try await withTemporaryFolder { folder in
            let plugins = try StagedPlugins(in: folder)
            let name = try plugins.install(name, "1.0.0", ["a.js": "1.0.0"]).name
            try plugins.stage(self.name, "2.0.0", ["a.js": "2.0.0", "b.js": "new"])
            try update.kill(plugins, name)
            _ = try plugins.installer.recover()
            #expect(try plugins.visible(self.name, "a.js") == update.expected)
            #expect(try plugins.receipt(self.name)?.version.description == update.expected)
            #expect(try plugins.isIntact(self.name))
            #expect(try Disk.status(plugins.storage.journal) == nil)
            #expect(try Disk.names(in: plugins.storage.staging) == [])
            if update.expected == "2.0.0" {
                let previous = SetAside(.previous, of: name, in: plugins.storage)
                #expect(try previous.receipt()?.version.description == "1.0.0")
            }
        }
    }

    /// Two releases that `npm pack` made: the same sizes and times, one's files all in the other's.
    @Test func tellsReleasesOfEqualSizesAndTimesApart() async throws {
        try await withTemporaryFolder { folder in
            let plugins = try StagedPlugins(in: folder)
            let old = ["package.json": #"{"version":"2.0.0"}"#, "a.js": "two", "b.js": "2"]
            let name = try plugins.install(name, "2.0.0", old, modified: 1_000).name
            let new = ["package.json": #"{"version":"1.0.0"}"#, "a.js": "one"]
            try plugins.stage(self.name, "1.0.0", new, modified: 1_000)
            try plugins.writeJournal(of: name)
            let isDone = try Disk.exchange(plugins.staging.new(name), plugins.storage.plugin(name))
            try #require(isDone)
            #expect(try plugins.installer.recover().completed == [name])
            #expect(try plugins.receipt(self.name)?.version.description == "1.0.0")
            #expect(try plugins.isIntact(self.name))
        }
    }

    @Test func anUpdateOfAPluginWhoseFolderIsGoneDoesNotLockUp() async throws {
        try await withTemporaryFolder { folder in
            let plugins = try StagedPlugins(in: folder)
            let name = try plugins.install(name, "1.0.0", ["a.js": "one"]).name
            try Disk.remove(plugins.storage.plugin(name))
            try plugins.install(self.name, "2.0.0", ["a.js": "two"])
            #expect(try plugins.receipt(self.name)?.version.description == "2.0.0")
            #expect(try plugins.installer.recover().failures.isEmpty)
        }
    }

    @Test func aJournalCutOffLosesNoHiddenPlugin() async throws {
        try await withTemporaryFolder { folder in
            let plugins = try StagedPlugins(in: folder)
            let name = try plugins.install(name, "1.0.0", ["a.js": "one"]).name
            try Disk.makeFolder(plugins.staging.old(name).removingLastComponent())
            try Disk.rename(plugins.storage.plugin(name), to: plugins.staging.old(name))
            try Disk.writeAtomically(Array("{".utf8), to: plugins.storage.journal)
            _ = try plugins.installer.recover()
            #expect(try plugins.visible(self.name, "a.js") == "one")
            #expect(try plugins.isIntact(self.name))
        }
    }

    @Test(arguments: ["journal", "staging", "receipts", "removed", "report.json"])
    func whatStandsInTheWayOfOurFilesIsMovedAside(_ path: String) async throws {
        try await withTemporaryFolder { folder in
            let plugins = try StagedPlugins(in: folder)
            let inTheWay = plugins.storage.own.appending(path)
            if ["journal", "report.json"].contains(path) {
                try Disk.makeFolder(inTheWay.appending("x"))
            } else {
                try Disk.writeAtomically([], to: inTheWay)
            }
            _ = try plugins.installer.recover()
            try plugins.install(name, "1.0.0", ["a.js": "one"])
            #expect(try plugins.isIntact(name))
            #expect(try Disk.names(in: plugins.storage.broken).count == 1)
        }
    }

    @Test func prunesWhatIsOldAndNobodyWaitsFor() async throws {
        try await withTemporaryFolder { folder in
            let plugins = try StagedPlugins(in: folder)
            let receipt = try plugins.install(name, "1.0.0", ["a.js": "one"])
            _ = try plugins.installer.install(
                [Journal.Entry(name: receipt.name, change: .remove)], from: plugins.staging)
            let wanted = plugins.storage.tarballs.appending("\(receipt.tarball.hex).part")
            let unwanted = plugins.storage.tarballs.appending("00.part")
            try Disk.makeFolder(plugins.storage.tarballs)
            for path in [wanted, unwanted] { try Disk.writeAtomically([1], to: path) }

            let longAgo = Date(timeIntervalSinceNow: -60)
            try plugins.installer.prune(
                before: longAgo, keepingDownloadsOf: [receipt.tarball])
            #expect(try plugins.installer.setAsideByRemoval() == [receipt])
            #expect(try Disk.status(wanted) != nil)
            #expect(try Disk.status(unwanted) == nil)

            try plugins.installer.prune(
                before: Date(timeIntervalSinceNow: 60), keepingDownloadsOf: [])
            #expect(try plugins.installer.setAsideByRemoval() == [])
            #expect(try Disk.status(wanted) == nil)
        }
    }

    @Test func returnsARestoreThatWasKilledToWhereItCameFrom() async throws {
        try await withTemporaryFolder { folder in
            let plugins = try StagedPlugins(in: folder)
            let receipt = try plugins.install(name, "1.0.0", ["a.js": "one"])
            _ = try plugins.installer.install(
                [Journal.Entry(name: receipt.name, change: .remove)], from: plugins.staging)
            let aside = SetAside(.removed, of: receipt.name, in: plugins.storage)
            try ReceiptStore.write(receipt, to: plugins.staging.receipt(receipt.name))
            try plugins.writeJournal(of: receipt.name, origin: .removed)
            try Disk.makeFolder(plugins.staging.new(receipt.name).removingLastComponent())
            try Disk.rename(aside.package, to: plugins.staging.new(receipt.name))

            _ = try plugins.installer.recover()
            #expect(try plugins.installer.setAsideByRemoval() == [receipt])
            #expect(try Disk.status(plugins.storage.plugin(receipt.name)) == nil)
        }
    }

    @Test func completesARemovalThatWasKilledBetweenFolderAndReceipt() async throws {
        try await withTemporaryFolder { folder in
            let plugins = try StagedPlugins(in: folder)
            let receipt = try plugins.install(name, "1.0.0", ["a.js": "one"])
            try Disk.writeAtomically(
                Journal(
                    stagingName: "run",
                    entries: [Journal.Entry(name: receipt.name, change: .remove)]
                ).json.compactBytes, to: plugins.storage.journal)
            let aside = SetAside(.removed, of: receipt.name, in: plugins.storage)
            try Disk.makeFolder(aside.folder)
            try Disk.rename(plugins.storage.plugin(receipt.name), to: aside.package)

            #expect(try plugins.installer.recover().completed == [receipt.name])
            #expect(try plugins.installer.setAsideByRemoval() == [receipt])
        }
    }

    /// A set is done wholly or not at all: the next run does what this one was told not to.
    @Test func oneSetThatIsCancelledIsLeftToTheNextRun() async throws {
        try await withTemporaryFolder { folder in
            let plugins = try StagedPlugins(in: folder)
            let names = ["@acme/a", "@acme/b"]
            for name in names { try plugins.install(name, "1.0.0", ["a.js": "one"]) }
            let entries = try names.map { name in
                Journal.Entry(
                    name: try plugins.stage(name, "2.0.0", ["a.js": "two"]).name,
                    change: .put(origin: nil))
            }
            let failures = try await Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try plugins.installer.install(
                    entries, from: plugins.staging, asOneSet: true)
            }.value
            #expect(failures.count == 2)
            #expect(failures.values.allSatisfy { $0 is CancellationError })
            for name in names { #expect(try plugins.visible(name, "a.js") == "one") }

            #expect(try plugins.installer.recover().completed == entries.map(\.name))
            for name in names {
                #expect(try plugins.visible(name, "a.js") == "two")
                #expect(try plugins.isIntact(name))
            }
        }
    }

    @Test func aCancelledInstallationDropsWhatItHasNotBegun() async throws {
        try await withTemporaryFolder { folder in
            let plugins = try StagedPlugins(in: folder)
            try plugins.install(name, "1.0.0", ["a.js": "one"])
            let name = try plugins.stage(name, "2.0.0", ["a.js": "two"]).name
            let failures = try await Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try plugins.installer.install(
                    [Journal.Entry(name: name, change: .put(origin: nil))], from: plugins.staging)
            }.value
            #expect(failures[name] is CancellationError)
            #expect(try plugins.visible(self.name, "a.js") == "one")
            #expect(try Disk.status(plugins.storage.journal) == nil)
            #expect(try Disk.names(in: plugins.storage.staging) == [])
        }
    }

    @Test func oneFailureDoesNotStopTheOthers() async throws {
        try await withTemporaryFolder { folder in
            let plugins = try StagedPlugins(in: folder)
            let good = try plugins.stage("@acme/good", "1.0.0", ["a.js": "good"])
            // A file stands where the other plugin's scope folder belongs.
            try Disk.makeFolder(plugins.storage.plugins)
            try Disk.writeAtomically([], to: plugins.storage.plugins.appending("@other"))
            let bad = try plugins.stage("@other/bad", "1.0.0", ["a.js": "bad"])
            let failures = try plugins.installer.install(
                [
                    Journal.Entry(name: bad.name, change: .put(origin: nil)),
                    Journal.Entry(name: good.name, change: .put(origin: nil)),
                ], from: plugins.staging)
            #expect(failures.keys.map(\.description) == ["@other/bad"])
            #expect(failures[bad.name].map(anyFailure)?.code == .diskUnexpectedFile)
            #expect(try plugins.visible("@acme/good", "a.js") == "good")
        }
    }
}

extension StagedPlugins {
    fileprivate func writeJournal(of name: PackageName, origin: SetAside.Kind? = nil) throws {
        try Disk.writeAtomically(
            Journal(
                stagingName: staging.name,
                entries: [Journal.Entry(name: name, change: .put(origin: origin))]
            ).json.compactBytes, to: storage.journal)
    }
}
