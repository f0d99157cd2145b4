import Fetcher
import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

/// What is flushed before what, and what a run leaves behind a flush that failed.
@Suite struct FlushFaultTests {
    @Test func whatIsStagedThenTheExchangesAreFlushedBeforeTheReceiptsFollow() async throws {
        try await withTemporaryFolder { folder in
            try await TestGateway.serving(in: folder) { gateway in
                let names = ["@acme/a", "@globex/b"]
                for name in names { try await gateway.publish(name, "1.0.0") }
                let license = try await gateway.issue(names)
                let customer = try Customer(in: folder, gateway: gateway.url, key: license.key)
                try await customer.mustDownload("1.0.0")
                for name in names { try await gateway.publish(name, "1.1.0") }
                let log = folder.appending("calls")
                let outcome = try await run(
                    Programs.pkg, ["download-pro", "--app-version", "1.0.0"],
                    environment: customer.environment.merging(
                        DiskFault(
                            deed: .none, position: 0,
                            calls: ["fsync", "syncfs", "rename", "exchange"]
                        ).environment(for: customer.storage, log: log)
                    ) { $1 })
                try #require(outcome.status == 0, "\(outcome.errors)")
                #expect(names.map(customer.visibleVersion) == ["1.1.0", "1.1.0"])

                let calls = try lines(of: log).map(String.init)
                func positions(_ call: String) -> [Int] {
                    calls.indices.filter { calls[$0].hasPrefix(call) }
                }
                let own = "/plugins/.pkg"
                let receipts = positions("rename \(own)/receipts/")
                let exchanges = positions("exchange /plugins/@")
                let folders = ["@acme", "@globex"].flatMap { scope in
                    calls.indices.filter { calls[$0] == "fsync /plugins/\(scope)" }
                }
                try #require(receipts.count == 2 && exchanges.count == 2 && folders.count == 2)
                let journal = try #require(positions("rename \(own)/journal").first)
                let staged = try #require(calls.lastIndex(of: "syncfs /plugins"))
                let flushed = try #require(
                    calls.indices.first { $0 > journal && calls[$0] == "fsync \(own)" })
                let order = [
                    staged, journal, flushed, exchanges[0], exchanges[1], folders[0], folders[1],
                    receipts[0],
                ]
                #expect(order == order.sorted(), "\(calls.joined(separator: "\n"))")
            }
        }
    }

    /// Each flush and each rename of a rollback fails once.
    @Test func aRollbackOfAllThatSaysThatItFailedIsNotDoneBehindItsBack() async throws {
        try await FaultWorld.serving { world in
            let ready = try await FaultOperation.rollback.prepare(world)
            let done = FaultWorld.plugins.map { _ in "1.0.0" }
            let count = try await forEachPosition { position, lane in
                let customer = try await world.copy(of: ready, named: "lane-\(lane)")
                func versions() -> [String?] { FaultWorld.plugins.map(customer.visibleVersion) }
                let log = world.gateway.folder.appending("calls-\(lane)")
                unlink(log.string)
                let fault = DiskFault(
                    deed: .error(.ioError), position: position,
                    calls: ["fsync", "syncfs", "rename", "exchange"])
                let outcome = try await run(
                    Programs.pkg, ["plugins", "rollback", "--all"],
                    environment: customer.environment.merging(
                        fault.environment(for: customer.storage, log: log)
                    ) { $1 })
                let calls = try lines(of: log)
                guard calls.count >= position else { return false }
                let what = "\(calls[position - 1]), call \(position): \(outcome.errors)"
                let visible = versions()
                let isAtWork = customer.isAtWork
                let next = try await customer.pkg("plugins", "clean", "--older-than", "9999")
                #expect(next.status == 0, "\(what): \(next.errors)")
                #expect(versions() == visible, "\(what)")
                #expect(try await customer.pkg("plugins", "verify").status == 0, "\(what)")
                if outcome.status == 0 {
                    #expect(visible == done, "\(what)")
                    // The set that was gone back from was noted.
                    #expect(try await customer.pkg("plugins", "rollback", "--all").status == 0)
                    #expect(versions() == ["2.0.0", "2.0.0"], "\(what)")
                } else {
                    #expect(outcome.errorCode == "disk.io", "\(what)")
                    let isFlushOfPlugins = calls[position - 1] == "fsync /plugins/@acme"
                    #expect(!isFlushOfPlugins || isAtWork, "left to the next run: \(what)")
                }
                return true
            }
            #expect(count > 8, "\(count) calls")
            try FaultMatrix.record(
                .disk, "EIO at each flush and rename of: rollback of all plugins",
                "\(count) runs: done and said so, or `disk.io` and the next run finds the plugins "
                    + "as they were left, all of one set")
        }
    }
}
