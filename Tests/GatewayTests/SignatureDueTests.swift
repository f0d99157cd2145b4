import CanonicalJSON
import Diagnostics
import FoundationEssentials
import Licensing
import SignedMetadata
import Storage
import SystemPackage
import Testing

@testable import Gateway

/// What the gateway says of signatures that it cannot make itself.
struct SignatureDueTests {
    @Test func warnsInTimeAndIsReadyUntilTheEnd() async throws {
        try await withTestVendor { test, folder in
            try await test.publish("@acme/a", "1.0.0")
            for key in ["root", "targets"] {
                try moveFile(
                    test.vendor.folder.keys.appending("\(key).pem"),
                    to: folder.appending("\(key).pem"))
            }
            var settings = try VendorSettings(url: "https://plugins.acme.example")
            try settings.set("signing", to: "offline")
            let vendor = try Vendor(
                opening: test.vendor.folder, settings: settings
            ) { test.clock.now }
            defer { try? vendor.records.close() }
            func due() async throws -> [String] {
                try await vendor.signaturesDue().map { error in
                    #expect(error.code == .trustSignatureDue)
                    return error.message.split(separator: " ").dropFirst(3).first.map(String.init)
                        ?? ""
                }
            }
            #expect(try await due() == [])
            test.clock.advance(by: 340 * 86_400)
            try await vendor.signMetadata()
            #expect(try await due() == ["root", "targets", "@acme/a"])
            try await vendor.checkReadiness()
            test.clock.advance(by: 26 * 86_400)
            try await vendor.signMetadata()
            await #expect(throws: NotReady.self) { try await vendor.checkReadiness() }

            // Signed where the keys are, it is ready again.
            for (requested, key) in [(Vendor.Requested.root([:]), "root"), (.targets, "targets")] {
                var request = try #require(try await vendor.signingRequest(requested))
                let file = KeyFile(folder.appending("\(key).pem"))
                _ = try request.sign(with: try #require(try file.key()))
                #expect(try await vendor.importSigned(request, by: test.actor) == [])
            }
            try await vendor.checkReadiness()
            #expect(try await due() == [])
        }
    }
}
