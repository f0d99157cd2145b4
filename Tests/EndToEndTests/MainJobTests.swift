import CanonicalJSON
import Cryptography
import Fetcher
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

@Suite struct MainJobTests {
    @Test func installsUpdatesRepairsAndRemoves() async throws {
        try await withTemporaryFolder { folder in
            try await TestGateway.serving(in: folder) { gateway in
                try await gateway.publish("@acme/a", "1.0.0")
                try await gateway.publish("@acme/a", "2.0.0", application: ">=2.0.0 <3.0.0")
                try await gateway.publish("@acme/b", "1.0.0")
                let license = try await gateway.issue(["@acme/a", "@acme/b"])
                let customer = try Customer(in: folder, gateway: gateway.url, key: license.key)

                let first = try await customer.downloadPro(app: "1.0.0")
                #expect(first.outcome.status == 0, "\(first.outcome.errors)")
                #expect(
                    first.plugins == [
                        "@acme/a": "install 1.0.0 -", "@acme/b": "install 1.0.0 -",
                    ])

                let again = try await customer.downloadPro(app: "1.0.0")
                #expect(
                    again.plugins == ["@acme/a": "current 1.0.0 -", "@acme/b": "current 1.0.0 -"])
                #expect(try again.outcome.json["transfer"]?["requests"] == 2)

                let next = try await customer.downloadPro(app: "2.0.0", ["--strict"])
                #expect(next.outcome.status == 3)
                #expect(
                    next.plugins == [
                        "@acme/a": "update 2.0.0 -",
                        "@acme/b": "mismatch 1.0.0 no-release-for-application",
                    ])

                let file = FilePath("\(customer.storage)/plugins/@acme/a/index.js")
                try Data("changed".utf8).write(to: URL(filePath: file.string))
                #expect(try await customer.pkg("plugins", "verify").status == 6)
                let repaired = try await customer.downloadPro(app: "2.0.0")
                #expect(repaired.plugins["@acme/a"] == "repair 2.0.0 -")
                #expect(try await customer.pkg("plugins", "verify").status == 0)

                #expect(try await customer.pkg("plugins", "rollback", "@acme/a").status == 0)
                #expect(customer.visibleVersion("@acme/a") == "1.0.0")
                let held = try await customer.downloadPro(app: "2.0.0")
                #expect(held.plugins["@acme/a"] == "mismatch 1.0.0 held-back")
                #expect(try await customer.pkg("plugins", "rollback", "@acme/a").status == 0)
                #expect(customer.visibleVersion("@acme/a") == "2.0.0")

                try await gateway.tollgate(
                    ["licenses", "edit", license.id, "--remove-plugin", "@acme/b"])
                #expect(try await customer.pkg("license", "refresh").status == 0)
                let removed = try await customer.downloadPro(app: "2.0.0")
                #expect(removed.plugins["@acme/b"] == "remove - -")
                #expect(customer.visibleVersion("@acme/b") == nil)
                let refused = try await customer.pkg("plugins", "restore", "@acme/b")
                #expect(refused.errorCode == "plugins.not-restorable")

                try await gateway.tollgate(
                    ["licenses", "edit", license.id, "--add-plugin", "@acme/b"])
                let restored = try await customer.pkg("plugins", "restore", "@acme/b")
                #expect(restored.status == 0, "\(restored.errors)")
                #expect(customer.visibleVersion("@acme/b") == "1.0.0")
            }
        }
    }

    @Test func refusesAnAlteredTarballByNameAndInstallsTheOthers() async throws {
        try await withTemporaryFolder { folder in
            try await TestGateway.serving(in: folder) { gateway in
                try await gateway.publish("@acme/a", "1.0.0")
                try await gateway.publish("@acme/b", "1.0.0")
                let license = try await gateway.issue(["@acme/a", "@acme/b"])
                let customer = try Customer(in: folder, gateway: gateway.url, key: license.key)
                _ = try await customer.downloadPro(app: "1.0.0")

                let tarball = try await gateway.publish(
                    "@acme/a", "1.1.0", files: ["index.js": Array("exports.x = 2\n".utf8)])
                try await gateway.publish("@acme/b", "1.1.0")
                try alterArtifact(of: tarball, in: gateway.data)
                let run = try await customer.downloadPro(app: "1.0.0")
                #expect(run.outcome.status == 6)
                #expect(run.outcome.errorCode == "trust.hash")
                #expect(run.plugins["@acme/a"] == "mismatch 1.0.0 held-back")
                #expect(run.plugins["@acme/b"] == "update 1.1.0 -")
                #expect(customer.visibleVersion("@acme/a") == "1.0.0")

                let tolerant = try await customer.downloadPro(
                    app: "1.0.0", ["--on-failure", "continue"])
                #expect(tolerant.outcome.status == 6, "a failed verification is never forgiven")
            }
        }
    }

    @Test func provesFilesAnewWhenTheOwnFolderWasDeleted() async throws {
        try await withTemporaryFolder { folder in
            try await TestGateway.serving(in: folder) { gateway in
                try await gateway.publish("@acme/a", "1.0.0")
                try await gateway.publish("@acme/b", "1.0.0")
                let license = try await gateway.issue(["@acme/a", "@acme/b"])
                let customer = try Customer(in: folder, gateway: gateway.url, key: license.key)
                _ = try await customer.downloadPro(app: "1.0.0")
                try FileManager.default.removeItem(atPath: "\(customer.storage)/plugins/.pkg")
                try Data("changed".utf8).write(
                    to: URL(filePath: "\(customer.storage)/plugins/@acme/b/index.js"))

                let run = try await customer.downloadPro(app: "1.0.0")
                #expect(run.plugins["@acme/a"] == "adopt 1.0.0 -")
                #expect(run.plugins["@acme/b"] == "mismatch 1.0.0 modified-on-disk")
                let next = try await customer.downloadPro(app: "1.0.0")
                #expect(next.plugins["@acme/a"] == "current 1.0.0 -")
            }
        }
    }

    @Test func doesNothingWhereDownloadsAreSwitchedOff() async throws {
        try await withTemporaryFolder { folder in
            var customer = try Customer(in: folder, gateway: "http://127.0.0.1:1", key: nil)
            customer.environment["DISABLE_PKG_DOWNLOAD"] = "true"
            let run = try await customer.downloadPro(app: "1.0.0")
            #expect(run.outcome.status == 0, "\(run.outcome.errors)")
            #expect(run.plugins.isEmpty)
            #expect(
                try run.outcome.json["notices"]
                    == ["Nothing is done: DISABLE_PKG_DOWNLOAD is set."])
            #expect(!FileManager.default.fileExists(atPath: "\(customer.storage)/plugins"))
            // What somebody asks for by hand is done.
            let dry = try await customer.downloadPro(app: "1.0.0", ["--dry-run"])
            #expect(dry.outcome.errorCode == "license.key-not-found")
            let bundle = folder.appending("absent.tgbundle").string
            let other = try await customer.downloadPro(app: "1.0.0", ["--from", bundle])
            #expect(other.outcome.errorCode == "settings.path-missing")
            customer.environment["DISABLE_PKG_DOWNLOAD"] = "off"
            let real = try await customer.downloadPro(app: "1.0.0")
            #expect(real.outcome.errorCode == "license.key-not-found")
            customer.environment["DISABLE_PKG_DOWNLOAD"] = "perhaps"
            let unclear = try await customer.downloadPro(app: "1.0.0")
            #expect(unclear.outcome.status == 64)
            #expect(unclear.outcome.errors.contains("neither true nor false"))
        }
    }

    @Test func linksPluginsWhereTheApplicationLooks() async throws {
        try await withTemporaryFolder { folder in
            try await TestGateway.serving(in: folder) { gateway in
                try await gateway.publish("@acme/a", "1.0.0")
                try await gateway.publish("@acme/b", "1.0.0")
                let license = try await gateway.issue(["@acme/a", "@acme/b"])
                let customer = try Customer(in: folder, gateway: gateway.url, key: license.key)
                let modules = folder.appending("node_modules")
                try FileManager.default.createDirectory(
                    atPath: "\(modules)/@acme/b", withIntermediateDirectories: true)
                _ = try await customer.downloadPro(app: "1.0.0", ["--link-into", modules.string])
                #expect(
                    try FileManager.default.destinationOfSymbolicLink(atPath: "\(modules)/@acme/a")
                        == "\(customer.storage)/plugins/@acme/a")
                #expect(
                    throws: (any Error).self, "what is not ours is left alone",
                    performing: {
                        try FileManager.default.destinationOfSymbolicLink(
                            atPath: "\(modules)/@acme/b")
                    })
            }
        }
    }

    /// In a container that was made anew the links are gone, and the storage folder is not.
    @Test func linksAreMadeAlsoWhereTheRunFailed() async throws {
        try await withTemporaryFolder { folder in
            // Where it really is may be elsewhere.
            let modules = folder.appending("node_modules")
            try FileManager.default.createSymbolicLink(
                atPath: modules.string, withDestinationPath: folder.appending("real").string)
            try FileManager.default.createDirectory(
                atPath: folder.appending("real/@acme").string, withIntermediateDirectories: true)
            func link(_ name: String, to target: String) throws {
                try FileManager.default.createSymbolicLink(
                    atPath: "\(modules)/@acme/\(name)", withDestinationPath: target)
            }
            func target(_ name: String) -> String? {
                try? FileManager.default.destinationOfSymbolicLink(
                    atPath: "\(modules)/@acme/\(name)")
            }
            let customer = try await TestGateway.customerItServed(in: folder)
            let installed = "\(customer.storage)/plugins/@acme/a"
            // The plugins too may be elsewhere.
            let plugins = "\(customer.storage)/plugins"
            try FileManager.default.moveItem(atPath: plugins, toPath: "\(folder)/moved")
            try FileManager.default.createSymbolicLink(
                atPath: plugins, withDestinationPath: "\(folder)/moved")
            try link("gone", to: "\(customer.storage)/plugins/@acme/gone")
            try link("a.123.new", to: installed)
            try link("another-name", to: installed)
            try link("theirs", to: "/nonexistent")
            let unreached = try await customer.downloadPro(
                app: "1.0.0", ["--link-into", modules.string, "--timeout", "5"])
            #expect(unreached.outcome.status == 5, "\(unreached.outcome.errors)")
            #expect(target("a") == installed)
            #expect(target("gone") == nil, "a link to a plugin that is gone")
            #expect(target("a.123.new") == nil, "what a killed run had begun")
            #expect(target("another-name") == installed)
            #expect(target("theirs") == "/nonexistent")
            // Also while another run holds the lock, in whose folder it is not.
            try FileManager.default.removeItem(atPath: "\(modules)/@acme/a")
            try link("gone", to: "\(customer.storage)/plugins/@acme/gone")
            try await StorageLock.hold(StorageFolder(customer.storage)) {
                let waited = try await customer.downloadPro(
                    app: "1.0.0", ["--link-into", modules.string, "--timeout", "1"])
                #expect(waited.outcome.errorCode == "lock.held")
            }
            #expect(target("a") == installed)
            #expect(target("gone") != nil, "it may be there again in a moment")
            for inside in ["", "/plugins", "/plugins/.pkg", "/.license/x"] {
                let refused = try await customer.downloadPro(
                    app: "1.0.0", ["--link-into", "\(customer.storage)\(inside)"])
                #expect(refused.outcome.status == 64)
                #expect(refused.outcome.errors.contains("in the way of what pkg keeps"))
            }
        }
    }

    func alterArtifact(of tarball: FilePath, in data: FilePath) throws {
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: tarball.string)))
        let digest = Digest.of(.sha512, bytes).hex
        let file = FilePath("\(data)/artifacts/sha512/\(digest.prefix(2))/\(digest.dropFirst(2))")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o644], ofItemAtPath: file.string)
        var altered = bytes
        altered[altered.count / 2] ^= 1
        let handle = try FileDescriptor.open(file, .writeOnly)
        try handle.writeAll(altered)
        try handle.close()
    }

    @Test func whatTheVendorSaysAgainstAReleaseIsReported() async throws {
        try await TestGateway.withTwoPlugins { gateway in
            let license = try await gateway.issue(["@acme/a"])
            let customer = try Customer(
                in: gateway.folder, gateway: gateway.url, key: license.key)
            func notices() async throws -> [String] {
                let run = try await customer.downloadPro(app: "1.0.0")
                #expect(run.outcome.status == 0, "\(run.outcome.errors)")
                return try run.outcome.json["notices"]?.array?.compactMap(\.string) ?? []
            }
            #expect(try await notices() == [])
            try await gateway.tollgate([
                "plugins", "deprecate", "@acme/a", "1.0.0", "--message", "Use 1.1.0.",
            ])
            #expect(
                try await notices() == ["@acme/a@1.0.0 is deprecated by its vendor: Use 1.1.0."])
            try await gateway.tollgate([
                "plugins", "yank", "@acme/a", "1.0.0", "--reason", "It leaks.",
            ])
            #expect(
                try await notices() == ["@acme/a@1.0.0 was withdrawn by its vendor: It leaks."])
            #expect(customer.visibleVersion("@acme/a") == "1.0.0")
        }
    }
}
