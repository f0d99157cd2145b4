import CanonicalJSON
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// What a rollback leaves: it is kept, never silently, and there is a way out.
@Suite struct HoldTests {
    @Test func aHeldReleaseForAnotherApplicationIsAMismatchAndCanBeLetGo() async throws {
        try await TestGateway.withTwoPlugins { gateway in
            let license = try await gateway.issue(["@acme/a"])
            var customer = try Customer(in: gateway.folder, gateway: gateway.url, key: license.key)
            _ = try await customer.downloadPro(app: "1.0.0")
            try await gateway.publish("@acme/a", "2.0.0", application: ">=2.0.0 <3.0.0")
            _ = try await customer.downloadPro(app: "2.0.0")
            #expect(try await customer.pkg("plugins", "rollback", "@acme/a").status == 0)

            let strict = try await customer.downloadPro(app: "2.0.0", ["--dry-run", "--strict"])
            #expect(strict.outcome.status == 3)
            #expect(strict.plugins == ["@acme/a": "mismatch 1.0.0 held-back"])
            #expect(try strict.outcome.json["totals"]?["mismatches"] == 1)
            let outdated = try await customer.pkg("plugins", "outdated", "--app-version", "2.0.0")
            #expect(outdated.output.contains("which is not for application 2.0.0"))
            // For the application that it is made for nothing is amiss.
            let fitting = try await customer.downloadPro(app: "1.0.0", ["--dry-run", "--strict"])
            #expect(fitting.plugins == ["@acme/a": "current 1.0.0 -"])

            // Files put right end no hold.
            let file = "\(customer.storage)/plugins/@acme/a/index.js"
            try Data("changed".utf8).write(to: URL(filePath: file))
            let repaired = try await customer.downloadPro(app: "2.0.0")
            #expect(repaired.plugins == ["@acme/a": "repair 1.0.0 held-back"])
            _ = try await customer.downloadPro(app: "2.0.0")
            #expect(customer.visibleVersion("@acme/a") == "1.0.0")

            // What is kept to return to was changed: said with where, and what to do.
            let kept = "\(customer.storage)/plugins/.pkg/previous/@acme/a"
            try Data("changed".utf8).write(to: URL(filePath: "\(kept)/package/index.js"))
            let refused = try await customer.pkg("plugins", "rollback", "@acme/a")
            #expect(refused.errorCode == "plugins.modified-on-disk")
            #expect(refused.errors.contains("move \(kept) aside"))

            let cleaned = try await customer.pkg("plugins", "clean")
            #expect(cleaned.errors.contains("@acme/a stays at 1.0.0, rolled back from 2.0.0"))
            let list = try await customer.pkg("plugins", "list")
            #expect(list.output.contains("ok; rolled back from 2.0.0"))
            let lifted = try await customer.pkg("plugins", "rollback", "@acme/a")
            #expect(lifted.status == 0)
            #expect(lifted.errors.contains("The hold of @acme/a on 1.0.0 is lifted"))
            let next = try await customer.downloadPro(app: "2.0.0")
            #expect(next.plugins == ["@acme/a": "update 2.0.0 -"])

            // Returning to what was rolled back from leaves no hold behind.
            for _ in 1...2 {
                #expect(try await customer.pkg("plugins", "rollback", "@acme/a").status == 0)
            }
            let back = try await customer.downloadPro(app: "1.0.0")
            #expect(back.plugins == ["@acme/a": "downgrade 1.0.0 -"])

            customer.environment["TOLLGATE_APP_VERSION"] = nil
            let unknown = try await customer.pkg("plugins", "outdated")
            #expect(unknown.errorCode == "settings.application-version")
            #expect(!unknown.output.contains("0 plugins"))
        }
    }

    @Test func whatARollbackSetAsideIsSaidAndComesBackAlsoWithoutItsFiles() async throws {
        try await TestGateway.withTwoPlugins { gateway in
            let license = try await gateway.issue(["@acme/a"])
            let customer = try Customer(in: gateway.folder, gateway: gateway.url, key: license.key)
            _ = try await customer.downloadPro(app: "1.0.0")
            try await gateway.tollgate(["licenses", "edit", license.id, "--add-plugin", "@acme/b"])
            #expect(try await customer.pkg("license", "refresh").status == 0)
            _ = try await customer.downloadPro(app: "1.0.0")
            #expect(try await customer.pkg("plugins", "rollback", "--all").status == 0)

            let strict = try await customer.downloadPro(app: "1.0.0", ["--dry-run", "--strict"])
            #expect(strict.outcome.status == 3)
            #expect(strict.plugins["@acme/b"] == "mismatch - held-back")
            let outdated = try await customer.pkg("plugins", "outdated", "--app-version", "1.0.0")
            #expect(outdated.output.contains("@acme/b"))
            let rollback = try await customer.pkg("plugins", "rollback", "@acme/b")
            #expect(rollback.errors.contains("pkg plugins restore @acme/b"))

            let kept = "\(customer.storage)/plugins/.pkg/removed/@acme/b"
            try Data("changed".utf8).write(to: URL(filePath: "\(kept)/package/index.js"))
            let refused = try await customer.pkg("plugins", "restore", "@acme/b")
            #expect(refused.errorCode == "plugins.modified-on-disk")
            #expect(refused.errors.contains("move \(kept) aside; `pkg download-pro` then"))

            let cleaned = try await customer.pkg("plugins", "clean", "--json").json
            let holds = cleaned["holds"]?.array ?? []
            #expect(holds.map { $0["name"]?.string } == ["@acme/b"])
            let list = try await customer.pkg("plugins", "list")
            #expect(list.output.contains("its files are no longer kept; rolled back from 1.0.0"))
            let restored = try await customer.pkg("plugins", "restore", "@acme/b")
            #expect(restored.status == 0, "\(restored.errors)")
            #expect(restored.errors.contains("@acme/b no longer stays away"))
            let next = try await customer.downloadPro(app: "1.0.0")
            #expect(next.plugins["@acme/b"] == "install 1.0.0 -")
        }
    }

    @Test func aLinkInAPluginsPlaceIsToBeMovedAside() async throws {
        try await TestGateway.withTwoPlugins { gateway in
            let license = try await gateway.issue(["@acme/b"])
            let customer = try Customer(in: gateway.folder, gateway: gateway.url, key: license.key)
            _ = try await customer.downloadPro(app: "1.0.0")
            let path = "\(customer.storage)/plugins/@acme/b"
            try FileManager.default.removeItem(atPath: path)
            try FileManager.default.createSymbolicLink(
                atPath: path, withDestinationPath: gateway.folder.string)
            let verified = try await customer.pkg("plugins", "verify")
            #expect(verified.status == 6)
            #expect(verified.errors.contains("Move \(path) aside, then run `pkg download-pro`"))
            let left = try await customer.downloadPro(app: "1.0.0")
            #expect(left.plugins == ["@acme/b": "mismatch 1.0.0 modified-on-disk"])
            let why = try left.outcome.json["plugins"]?.array?.first?["why"]?.string
            #expect(why?.contains("move \(path) aside") == true)

            try FileManager.default.removeItem(atPath: path)
            let next = try await customer.downloadPro(app: "1.0.0")
            #expect(next.plugins == ["@acme/b": "repair 1.0.0 -"])
        }
    }
}
