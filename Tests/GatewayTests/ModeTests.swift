import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import HTTPTransfer
import Licensing
import SignedMetadata
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import Gateway

/// The three modes and the moves of a license, as the gateway answers them.
struct ModeTests {
    private static let day: TimeInterval = 86_400

    private func instance(_ name: String) -> InstanceID {
        InstanceID(facts: InstanceFacts(pinned: name))
    }

    private func offlineTerms(_ test: TestVendor) -> LicenseTerms {
        LicenseTerms(
            mode: .offline, expires: test.clock.now.addingTimeInterval(30 * Self.day),
            graceDays: 7, grants: [LicenseTerms.Grant(plugin: "@acme/x", updatesUntil: nil)])
    }

    @Test func anOfflineTokenIsAllThatItsMachineNeeds() async throws {
        try await TestGateway.run { gateway in
            let test = gateway.test
            try await test.publish("@acme/x", "1.0.0")
            let (license, token) = try await test.vendor.issueOfflineLicense(
                to: "Beta GmbH", offlineTerms(test), for: [instance("a"), instance("b")],
                by: test.actor)
            // The machine has the baked root and nothing else.
            let baked = try #require(
                try readFile(test.vendor.folder.metadata.appending("1.root.json")))
            let root = try TrustedMetadata(trustedRoot: baked, now: test.clock.now).root
            let keys = try LicenseKeySet(jwks: try #require(root.licenseKeys).compactBytes)
            let claims = try UnverifiedLicenseToken(token.reveal()).verified(by: keys).claims
            #expect(claims.mode == .offline)
            #expect(claims.checkIn == nil)
            #expect(claims.nonce == nil)
            #expect(claims.facts == nil)
            #expect(claims.expires == license.terms.graceUntil)
            #expect(
                Set(claims.instances)
                    == [InstanceBinding(id: instance("a")), InstanceBinding(id: instance("b"))])
            #expect(claims.root == (try parseJSON(baked)))
            // If it ever has a network, it is known there.
            let tarball = try await gateway.send("GET", "/@acme/x/-/x-1.0.0.tgz", token: token)
            #expect(tarball.status == 200)

            let renewed = try await test.vendor.changeLicense(
                license.id, as: "license.renew", by: test.actor
            ) { $0.expires = test.clock.now.addingTimeInterval(60 * Self.day) }
            let next = try gateway.claims(try await test.vendor.offlineToken(of: license.id))
            #expect(next.sequence == 2)
            #expect(next.expires == renewed.terms.graceUntil)

            _ = try await test.vendor.rebindLicense(
                license.id, to: [instance("c")], windowDays: 0, by: test.actor)
            let moved = try gateway.claims(try await test.vendor.offlineToken(of: license.id))
            #expect(moved.instances == [InstanceBinding(id: instance("c"))])
            #expect(moved.sequence == 3)
            let left = try await gateway.send("GET", "/@acme/x/-/x-1.0.0.tgz", token: token)
            #expect(left.code == "registry.credentials-invalid")
        }
    }

    struct Refusal: CustomTestStringConvertible {
        let testDescription: String
        let code: FailureCode
        let act: @Sendable (TestVendor) async throws -> Void
    }

    static let refusals = [
        Refusal(testDescription: "offline without an end", code: .usage) { test in
            _ = try await test.vendor.issueOfflineLicense(
                to: "Beta", LicenseTerms(mode: .offline, grants: []),
                for: [InstanceID(facts: InstanceFacts(pinned: "a"))], by: test.actor)
        },
        Refusal(testDescription: "offline for nobody", code: .usage) { test in
            _ = try await test.vendor.issueOfflineLicense(
                to: "Beta", LicenseTerms(mode: .offline, expires: test.clock.now, grants: []),
                for: [], by: test.actor)
        },
        Refusal(testDescription: "a key for offline", code: .usage) { test in
            _ = try await test.issue(["@acme/x"], mode: .offline) {
                $0.expires = test.clock.now.addingTimeInterval(1)
            }
        },
        Refusal(testDescription: "airgapped without an end", code: .usage) { test in
            _ = try await test.issue(["@acme/x"], mode: .airgapped)
        },
        Refusal(testDescription: "a token of a license with a key", code: .usage) { test in
            _ = try await test.vendor.offlineToken(of: try await test.issue(["@acme/x"]).0.id)
        },
        Refusal(testDescription: "a token of no license", code: .recordNotFound) { test in
            _ = try await test.vendor.offlineToken(of: "lic_none")
        },
        Refusal(testDescription: "two instances for one key", code: .usage) { test in
            let instances = ["a", "b"].map { InstanceID(facts: InstanceFacts(pinned: $0)) }
            _ = try await test.vendor.rebindLicense(
                try await test.issue(["@acme/x"]).0.id, to: instances, windowDays: nil,
                by: test.actor)
        },
        Refusal(testDescription: "a revoked license moved", code: .usage) { test in
            _ = try await test.vendor.rebindLicense(
                try await test.issue(["@acme/x"], status: .revoked).0.id, to: [], windowDays: nil,
                by: test.actor)
        },
        Refusal(testDescription: "an end before the beginning", code: .usage) { test in
            _ = try await test.issue(["@acme/x"]) {
                $0.begins = test.clock.now.addingTimeInterval(2)
                $0.expires = test.clock.now.addingTimeInterval(1)
            }
        },
        Refusal(testDescription: "no interval", code: .usage) { test in
            _ = try await test.issue(["@acme/x"]) {
                $0.checkIn = CheckInPolicy(interval: 0, retry: 1, lease: 1)
            }
        },
        Refusal(testDescription: "a window of years", code: .usage) { test in
            _ = try await test.issue(["@acme/x"]) { $0.rebinding.windowDays = 366 }
        },
    ]

    @Test(arguments: refusals) func refuses(_ refusal: Refusal) async throws {
        try await withTestVendor { test, _ in
            let error = await #expect(throws: (any Error).self) { try await refusal.act(test) }
            #expect((error as? any Failure)?.code == refusal.code)
        }
    }

    /// A data folder from before roots listed license keys.
    @Test(arguments: [true, false])
    func anOlderRootIsFollowedByOneWithLicenseKeys(_ hasRootKey: Bool) async throws {
        try await withTestVendor { test, _ in
            let folder = test.vendor.folder
            let lock = try FileLock(waitingFor: folder.metadataLock)
            let repository = try test.vendor.signedRepository()
            var roles = TopLevelKeys(of: repository.root)
            roles.licenseKeys = nil
            try test.vendor.write(
                repository.rotatingRoot(
                    to: roles, keys: test.vendor.keys.signing, now: test.clock.now,
                    reading: test.vendor.metadataFile
                ).files)
            lock.release()
            if !hasRootKey {
                try FileManager.default.removeItem(
                    atPath: folder.keys.appending("root.pem").string)
            }
            let vendor = try Vendor(opening: folder, settings: test.vendor.settings) {
                test.clock.now
            }
            defer { try? vendor.records.close() }
            do {
                let (_, token) = try await vendor.issueOfflineLicense(
                    to: "Beta", offlineTerms(test), for: [instance("a")], by: test.actor)
                #expect(hasRootKey)
                let claims = try UnverifiedLicenseToken(token.reveal())
                    .verified(by: vendor.keys.licenseKeySet()).claims
                #expect(claims.root?["signed"]?["version"] == 3)
                #expect(claims.root?["signed"]?["x-tollgate-license-keys"] != nil)
            } catch let error as TrustError {
                #expect(!hasRootKey)
                #expect(error.code == .trustSigningKey)
                #expect(try await vendor.records.licenses.all().isEmpty)
            }
        }
    }

    @Test func anAirgappedLicenseIsRenewedByOneMoreContact() async throws {
        try await TestGateway.run { gateway in
            let clock = gateway.test.clock
            let term = clock.now.addingTimeInterval(30 * Self.day)
            let (license, key) = try await gateway.test.issue(["@acme/x"], mode: .airgapped) {
                $0.expires = term
            }
            let instance = TestInstance(gateway)
            let registration = try await instance.register(key)
            let first = try gateway.claims(registration.token)
            #expect(first.checkIn == nil)
            #expect(first.expires == term)
            #expect(first.keyProof == key.proof(nonce: "nonce-of-register"))
            let next = term.addingTimeInterval(365 * Self.day)
            _ = try await gateway.vendor.changeLicense(
                license.id, as: "license.renew", by: gateway.test.actor
            ) { $0.expires = next }
            clock.advance(by: 20 * Self.day)
            #expect(try gateway.claims(try await instance.register(key).token).expires == next)
            let response = try await instance.send(
                instance.heartbeat(registration.installation.id),
                signedWith: registration.installation.secret)
            let answer = try CheckInResponse(body: response.body)
            #expect(answer.nextCheckIn == nil)
            #expect(try gateway.claims(answer.licenseToken).expires == next)
        }
    }

    @Test func aLicenseMovesWithAWindowForTheInstanceThatIsLeft() async throws {
        try await TestGateway.run { gateway in
            let clock = gateway.test.clock
            let (_, key) = try await gateway.test.issue(["@acme/x"]) { $0.rebinding.perYear = 1 }
            let old = TestInstance(gateway, named: "old")
            let new = TestInstance(gateway, named: "new")
            let installation = try await old.register(key).installation
            let refused = try await new.send(register: key)
            #expect(refused.code == "license.key-mismatch")
            #expect(refused.json["detail"]?.string?.contains(old.id.description) == true)
            #expect(refused.json["remedy"]?.string?.contains("pkg license rebind") == true)
            let moved = try await new.register(key, for: .rebinding)
            let again = try await new.register(key, for: .rebinding)
            #expect(again.installation == moved.installation)
            let until = clock.now.addingTimeInterval(14 * Self.day)
            let claims = try gateway.claims(again.token)
            #expect(claims.keyProof == key.proof(nonce: "nonce-of-register"))
            #expect(
                Set(claims.instances)
                    == [InstanceBinding(id: new.id), InstanceBinding(id: old.id, until: until)])
            #expect(claims.sequence == 3)
            // The old one checks in as before, until the window closes.
            let within = try await old.send(
                old.heartbeat(installation.id), signedWith: installation.secret)
            #expect(
                Set(try gateway.claims(CheckInResponse(body: within.body).licenseToken).instances)
                    == Set(claims.instances))
            let third = try await TestInstance(gateway, named: "third")
                .send(register: key, for: .rebinding)
            #expect(third.status == 409)
            #expect(third.code == "license.rebind-limit")
            clock.advance(by: 14 * Self.day)
            let after = try await old.send(
                old.heartbeat(installation.id, counter: 2), signedWith: installation.secret)
            #expect(after.code == "license.installation-not-found")
            let alone = try gateway.claims(try await new.register(key).token)
            #expect(alone.instances == [InstanceBinding(id: new.id)])
            #expect(try await old.send(register: key).code == "license.key-mismatch")
        }
    }

    /// Each side of a move that is taken back: its token counts while the instance may use the license.
    @Test func anInstanceThatWasLeftDownloadsUntilItsWindowCloses() async throws {
        try await TestGateway.run { gateway in
            let clock = gateway.test.clock
            try await gateway.test.publish("@acme/x", "1.0.0")
            func download(_ token: Secret<String>?) async throws -> String? {
                let answer = try await gateway.send(
                    "GET", "/@acme/x/-/x-1.0.0.tgz", token: token)
                return answer.code
            }
            let term = clock.now.addingTimeInterval(3650 * Self.day)
            let (license, key) = try await gateway.test.issue(["@acme/x"], mode: .airgapped) {
                $0.expires = term
            }
            let old = TestInstance(gateway, named: "old")
            let new = TestInstance(gateway, named: "new")
            let first = try await old.register(key)
            let moved = try await new.register(key, for: .rebinding)
            let until = clock.now.addingTimeInterval(14 * Self.day)
            let beat = try await old.send(
                old.heartbeat(first.installation.id), signedWith: first.installation.secret)
            let leaving = try CheckInResponse(body: beat.body).licenseToken
            #expect(try gateway.claims(leaving).expires == until)
            #expect(try gateway.claims(moved.token).expires == term)
            #expect(try await download(leaving) == nil)
            let back = try await old.register(key, for: .rebinding).token
            #expect(try gateway.claims(back).expires == term)
            for token in [first.token, moved.token, back] {
                #expect(try await download(token) == nil)
            }
            clock.advance(by: 14 * Self.day)
            for token in [leaving, moved.token] {
                #expect(try await download(token) == "registry.credentials-invalid")
            }
            for token in [first.token, back] { #expect(try await download(token) == nil) }

            // Freed by the vendor with a window: it counts as long.
            _ = try await gateway.vendor.rebindLicense(
                license.id, to: [], windowDays: 1, by: gateway.test.actor)
            let freed = try await old.send(
                old.heartbeat(first.installation.id, counter: 2),
                signedWith: first.installation.secret)
            let last = try CheckInResponse(body: freed.body).licenseToken
            #expect(try await download(last) == nil)
            clock.advance(by: Self.day)
            #expect(try await download(last) == "registry.credentials-invalid")
        }
    }

    @Test func aLicenseOfTheFutureWaits() async throws {
        try await TestGateway.run { gateway in
            try await gateway.test.publish("@acme/x", "1.0.0")
            let begins = gateway.test.clock.now.addingTimeInterval(10 * Self.day)
            let (_, key) = try await gateway.test.issue(["@acme/x"]) { $0.begins = begins }
            let token = try await TestInstance(gateway).register(key).token
            let claims = try gateway.claims(token)
            #expect(claims.notBefore == begins)
            #expect(claims.expires == begins.addingTimeInterval(2 * Self.day))
            let early = try await gateway.send("GET", "/@acme/x/-/x-1.0.0.tgz", token: token)
            #expect(early.code == "registry.credentials-invalid")
            gateway.test.clock.advance(by: 10 * Self.day)
            let then = try await gateway.send("GET", "/@acme/x/-/x-1.0.0.tgz", token: token)
            #expect(then.status == 200)
        }
    }

    @Test func policySeatsAndStatusReachTheInstance() async throws {
        try await TestGateway.run { gateway in
            let test = gateway.test
            let (license, key) = try await test.issue(["@acme/x"]) {
                $0.checkIn = CheckInPolicy(interval: 3, retry: 1, lease: 9)
                $0.limits["seats"] = 10
            }
            let instance = TestInstance(gateway)
            let installation = try await instance.register(key).installation
            for (counter, seats) in [(1, 10), (2, 12), (3, 0)] {
                let response = try await instance.send(
                    instance.heartbeat(
                        installation.id, counter: Int64(counter), seats: Int64(seats)),
                    signedWith: installation.secret)
                let answer = try CheckInResponse(body: response.body)
                // How many seats there are is known where all licenses are: on the machine.
                #expect(answer.notices == [])
                #expect(answer.nextCheckIn == 3)
            }
            let statuses: [(LicenseRecord.Status, LicenseClaimStatus)] = [
                (.suspended, .suspended), (.active, .active), (.revoked, .revoked),
            ]
            for (number, status) in statuses.enumerated() {
                _ = try await test.vendor.setStatus(
                    status.0, ofLicense: license.id, as: "test", by: test.actor)
                let response = try await instance.send(
                    instance.heartbeat(installation.id, counter: Int64(number) + 4),
                    signedWith: installation.secret)
                let claims = try gateway.claims(CheckInResponse(body: response.body).licenseToken)
                #expect(claims.status == status.1)
                #expect(claims.sequence == Int64(number) + 3)
                #expect(claims.checkIn == CheckInPolicy(interval: 3, retry: 1, lease: 9))
            }
        }
    }
}
