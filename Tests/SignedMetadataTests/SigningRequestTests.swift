import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import Testing

@testable import SignedMetadata

/// What a signer does not sign, whoever wrote the request.
struct SigningRequestTests {
    private var vendor: SignedRepositoryTests.Vendor
    private let thief: PrivateKey

    init() throws {
        vendor = try SignedRepositoryTests.Vendor()
        thief = try PrivateKey.generate(.ed25519)
    }

    private var release: RepositoryChange {
        .setRelease(
            plugin: "@acme/a",
            TargetDescription(path: "@acme/a/-/a-1.0.0.tgz", of: Array("a".utf8)))
    }

    /// The request with another's key in it, as a text that was changed would be.
    private func changed(
        _ request: SigningRequest, _ change: (inout String) -> Void
    ) throws(TrustError) -> SigningRequest {
        var text = String(decoding: request.bytes, as: UTF8.self)
        change(&text)
        return try SigningRequest(reading: Array(text.utf8))
    }

    @Test func nothingIsDelegatedToAKeyThatTheRootDoesNotName() throws {
        let request = try #require(
            try vendor.repository.request(
                signing: [release], renewing: [], targetsToo: false, now: now,
                reading: vendor.read))
        let key = try #require(vendor.keys[.targets]?.publicKey)
        let (old, new) = (try #require(Key(key)), try #require(Key(thief.publicKey)))
        for swap in [old.keyID: new.keyID, old.publicText: new.publicText] {
            #expect(throws: TrustError.self) {
                _ = try changed(request) { text in
                    // The last is the one below "next": those before are signed.
                    guard let start = text.firstRange(of: "\"present\"")?.lowerBound else { return }
                    let head = text[..<start].replacing(swap.key, with: swap.value)
                    text = head + String(text[start...])
                }
            }
        }
    }

    @Test mutating func theRootIsSignedBeforeTheKeysThatItBrings() throws {
        vendor.allKeys.append(thief)
        try vendor.publish([release])
        var roles = TopLevelKeys(of: vendor.repository.root)
        try roles.set(.targets, [thief.publicKey])
        var request = try vendor.repository.request(
            rotatingTo: roles, now: now, reading: vendor.read)
        #expect(request.parts.map(\.role) == ["root", "plugin-acme_2fa", "targets"])
        let targets = try #require(vendor.keys[.targets])
        for key in [targets, thief] {
            let error = #expect(throws: TrustError.self) { try request.sign(with: key) }
            #expect(error?.code == .trustThreshold)
        }
        let root = try #require(vendor.keys[.root])
        #expect(try request.sign(with: root) == ["root"])
        #expect(try request.sign(with: targets) == ["targets"])
        #expect(try request.sign(with: thief) == ["plugin-acme_2fa", "targets"])
        let again = try SigningRequest(reading: request.bytes)
        let publication = try vendor.repository.importing(again, keys: vendor.signing, now: now)
        #expect(publication.files.last?.name == "root.json", "both signed: the root comes last")
    }

    @Test mutating func aLostKeyIsReplacedByARootThatGoesFirst() async throws {
        try vendor.publish([release])
        _ = try await vendor.refresh()
        var roles = TopLevelKeys(of: vendor.repository.root)
        try roles.set(.targets, [thief.publicKey])
        var request = try vendor.repository.request(
            rotatingTo: roles, now: now, reading: vendor.read)
        for key in [try #require(vendor.keys[.root]), thief] { _ = try request.sign(with: key) }
        let publication = try vendor.repository.importing(
            request, keys: vendor.signing, now: now)
        #expect(publication.files.first?.name == "2.root.json")
        vendor.write(publication)
        let client = try await vendor.refresh()
        #expect(try await client.targets(under: "@acme/a/").count == 1)
    }

    @Test mutating func twoPeopleSignEachRelease() async throws {
        let (root, anna) = (try #require(vendor.keys[.root]), try #require(vendor.keys[.targets]))
        let ben = thief
        var roles = TopLevelKeys(of: vendor.repository.root)
        try roles.set(.targets, [anna.publicKey, ben.publicKey], threshold: 2)
        var both = try vendor.repository.request(
            rotatingTo: roles, now: now, reading: vendor.read)
        for key in [root, anna, ben] { _ = try both.sign(with: key) }
        vendor.write(try vendor.repository.importing(both, keys: vendor.signing, now: now))
        var request = try #require(
            try vendor.repository.request(
                signing: [release], renewing: [], targetsToo: false, now: now,
                reading: vendor.read))
        let codes: [FailureCode] = [.trustUnsigned, .trustThreshold]
        for (key, code) in zip([anna, ben], codes) {
            let error = #expect(throws: TrustError.self) {
                try vendor.repository.importing(request, keys: vendor.signing, now: now)
            }
            #expect(error?.code == code)
            #expect(try request.sign(with: key) == ["plugin-acme_2fa", "targets"])
            // Once more counts once.
            #expect(try request.sign(with: key) == ["plugin-acme_2fa", "targets"])
        }
        vendor.write(try vendor.repository.importing(request, keys: vendor.signing, now: now))
        let client = try await vendor.refresh()
        #expect(try await client.targets(under: "@acme/a/").count == 1)
    }

    @Test func rootsThatDoNotFollowAreNone() throws {
        let request = try vendor.repository.request(
            rotatingTo: TopLevelKeys(of: vendor.repository.root), now: now, reading: vendor.read)
        let fingerprint = Digest.of(.sha256, try #require(vendor.folder["1.root.json"]))
        #expect(request.firstRoot == fingerprint)
        #expect(throws: TrustError.self) {
            _ = try changed(request) { $0 = $0.replacing("\"roots\": [", with: "\"roots\": [{},") }
        }
    }
}
