import CanonicalJSON
import Fetcher
import FoundationEssentials
import Glibc
import Packages
import SystemPackage
import TestSupport
import Testing

/// Back to the set of plugins that was there before the last change.
@Suite struct RollbackAllTests {
    @Test func exchangesSetsAsideAndRestoresAndNoRunUndoesIt() async throws {
        try await withTemporaryFolder { folder in
            try await TestGateway.serving(in: folder) { gateway in
                for name in ["@acme/a", "@acme/b", "@acme/c"] {
                    try await gateway.publish(name, "1.0.0")
                }
                let license = try await gateway.issue(["@acme/a", "@acme/b"])
                let customer = try Customer(in: folder, gateway: gateway.url, key: license.key)
                func versions() -> [String?] {
                    ["@acme/a", "@acme/b", "@acme/c"].map(customer.visibleVersion)
                }
                func edit(_ edits: String...) async throws {
                    try await gateway.tollgate(["licenses", "edit", license.id] + edits)
                    #expect(try await customer.pkg("license", "refresh").status == 0)
                }
                _ = try await customer.downloadPro(app: "1.0.0")
                #expect(versions() == ["1.0.0", "1.0.0", nil])
                let none = try await customer.pkg("plugins", "rollback", "--all")
                #expect(
                    none.errorCode == "plugins.not-restorable", "there is no set before the first")

                try await gateway.publish("@acme/a", "1.1.0")
                try await edit("--add-plugin", "@acme/c", "--remove-plugin", "@acme/b")
                _ = try await customer.downloadPro(app: "1.0.0")
                #expect(versions() == ["1.1.0", nil, "1.0.0"])

                let partly = try await customer.pkg("plugins", "rollback", "--all")
                #expect(partly.status == 7)
                #expect(partly.errorCode == "plugins.not-restorable")
                #expect(partly.errors.contains("@acme/b: the license does not have it"))
                #expect(
                    partly.errors.contains(
                        "`pkg plugins restore @acme/b` brings it back once the license has it"))
                #expect(versions() == ["1.0.0", nil, nil])
                let held = try await customer.downloadPro(app: "1.0.0")
                #expect(
                    held.plugins == [
                        "@acme/a": "current 1.0.0 -", "@acme/c": "mismatch - held-back",
                    ])
                #expect(versions() == ["1.0.0", nil, nil])

                // And forward again.
                let back = try await customer.pkg("plugins", "rollback", "--all")
                #expect(back.status == 0, "\(back.errors)")
                #expect(versions() == ["1.1.0", nil, "1.0.0"])

                try await edit("--add-plugin", "@acme/b")
                let whole = try await customer.pkg("plugins", "rollback", "--all")
                #expect(whole.status == 0, "\(whole.errors)")
                #expect(versions() == ["1.0.0", nil, nil], "the set that was gone back to")
                #expect(try await customer.pkg("plugins", "restore", "@acme/b").status == 0)
                #expect(versions() == ["1.0.0", "1.0.0", nil])

                // What stays away stays so without the files, and until there is a newer release.
                #expect(try await customer.pkg("plugins", "clean").status == 0)
                _ = try await customer.downloadPro(app: "1.0.0")
                #expect(versions() == ["1.0.0", "1.0.0", nil])
                try await gateway.publish("@acme/c", "1.1.0")
                _ = try await customer.downloadPro(app: "1.0.0")
                #expect(versions() == ["1.0.0", "1.0.0", "1.1.0"])
            }
        }
    }

    @Test func aSetThatAKilledRunDidNotNoteIsNotedByTheNextAndOnce() async throws {
        try await TestGateway.withTwoPlugins { gateway in
            let license = try await gateway.issue(["@acme/a", "@acme/b"])
            let customer = try Customer(in: gateway.folder, gateway: gateway.url, key: license.key)
            let storage = StorageFolder(customer.storage)
            for version in ["1.1.0", "1.2.0"] {
                try await customer.mustDownload("1.0.0")
                let sets = try #require(try Disk.read(storage.sets))
                try await gateway.publish("@acme/a", version)
                guard version == "1.1.0" else { continue }
                try await customer.mustDownload("1.0.0")
                // As if it had been killed between the end of the installation and this file.
                try Disk.writeAtomically(sets, to: storage.sets)
            }
            let noted = try Disk.status(storage.sets)
            let present = try #require(try GoodSets(in: storage).last)
            #expect(try present.members[PackageName("@acme/a")]?.version.description == "1.1.0")
            _ = try await customer.downloadPro(app: "1.0.0", ["--dry-run"])
            #expect(try Disk.status(storage.sets) == noted)
            try await customer.mustDownload("1.0.0")
            let back = try await customer.pkg("plugins", "rollback", "--all")
            #expect(back.status == 0, "\(back.errors)")
            #expect(["@acme/a", "@acme/b"].map(customer.visibleVersion) == ["1.1.0", "1.0.0"])
            try await customer.mustDownload("1.0.0")
            let last = try Disk.status(storage.sets)
            try await customer.mustDownload("1.0.0")
            #expect(try Disk.status(storage.sets) == last, "nothing to do: nothing is written")
        }
    }

    @Test func aRollbackThatIsKilledAnywhereIsWhollyDoneOrNotAtAll() async throws {
        try await withTemporaryFolder { folder in
            try await TestGateway.serving(in: folder) { gateway in
                let names = ["@acme/a", "@acme/c"]
                try await gateway.publish("@acme/a", "1.0.0")
                let license = try await gateway.issue(["@acme/a"])
                let customer = try Customer(in: folder, gateway: gateway.url, key: license.key)
                _ = try await customer.downloadPro(app: "1.0.0")
                for name in names { try await gateway.publish(name, "1.1.0") }
                try await gateway.tollgate(
                    ["licenses", "edit", license.id, "--add-plugin", "@acme/c"])
                #expect(try await customer.pkg("license", "refresh").status == 0)
                _ = try await customer.downloadPro(app: "1.0.0")
                let (old, new) = (["1.0.0", nil], ["1.1.0", "1.1.0"])
                #expect(names.map(customer.visibleVersion) == new)

                var results: [Bool] = []
                var hasEnded = false
                // Each rename of the rollback once, as far as it comes.
                for number in 1...60 where !hasEnded {
                    let outcome = try await run(
                        "/usr/bin/strace",
                        [
                            "-f", "-o", "/dev/null", "-e", "trace=rename,renameat2", "-e",
                            "inject=rename,renameat2:signal=SIGKILL:when=\(number)",
                            Programs.pkg.string, "plugins", "rollback", "--all",
                        ], environment: customer.environment)
                    hasEnded = outcome.status == 0
                    // Any verb that changes something ends what was begun.
                    #expect(
                        try await customer.pkg("plugins", "clean", "--older-than", "9999").status
                            == 0)
                    let versions = names.map(customer.visibleVersion)
                    #expect(versions == old || versions == new, "killed at rename \(number)")
                    #expect(try await customer.pkg("plugins", "verify").status == 0)
                    results.append(versions == old)
                    guard versions == old else { continue }
                    let forward = try await customer.pkg("plugins", "rollback", "--all")
                    #expect(forward.status == 0, "\(number): \(forward.errors)")
                    #expect(names.map(customer.visibleVersion) == new)
                }
                #expect(hasEnded)
                #expect(results.first == false, "killed before the journal: nothing is changed")
                #expect(results.dropLast().count { $0 } >= 5, "killed behind it: all is completed")
                try FaultMatrix.record(
                    .kills, "SIGKILL at each rename of: rollback of all plugins",
                    "\(results.count - 1) renames; each set is wholly there after the next verb that "
                        + "changes something, the old one or the new one")
            }
        }
    }

    @Test func theNextRunEndsAnUpdateThatWasCutOffAndSaysSo() async throws {
        try await TestGateway.withTwoPlugins { gateway in
            let license = try await gateway.issue(["@acme/a", "@acme/b"])
            let customer = try Customer(in: gateway.folder, gateway: gateway.url, key: license.key)
            _ = try await customer.downloadPro(app: "1.0.0")
            try await gateway.publish("@acme/a", "1.1.0")
            try await gateway.publish("@acme/b", "1.1.0")
            // In the middle: the second of two exchanges.
            let killed = try await run(
                "/usr/bin/strace",
                [
                    "-f", "-o", "/dev/null", "-e", "trace=renameat2", "-e",
                    "inject=renameat2:signal=SIGKILL:when=2", Programs.pkg.string, "download-pro",
                    "--app-version", "1.0.0",
                ], environment: customer.environment)
            #expect(killed.status == -SIGKILL)
            let dry = try await customer.downloadPro(app: "1.0.0", ["--dry-run"])
            let said = try dry.outcome.json["notices"]?.array?.compactMap(\.string) ?? []
            #expect(said.contains { $0.contains("cut off while it installed") })

            let next = try await customer.downloadPro(app: "1.0.0")
            let notices = try next.outcome.json["notices"]?.array?.compactMap(\.string) ?? []
            #expect(notices.contains { $0.contains("Completed what it had begun: @acme/a") })
            #expect(next.outcome.status == 0)
            #expect(["@acme/a", "@acme/b"].map(customer.visibleVersion) == ["1.1.0", "1.1.0"])
        }
    }
}
