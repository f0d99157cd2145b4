import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import Packages
import TestSupport
import Testing

@Suite struct RegistrySignatureTests {
    let name: PackageName
    let version: SemanticVersion
    let integrity: Integrity
    let key: PrivateKey
    let published = Sample.day(5, 1)

    init() throws {
        name = try PackageName("@acme/x")
        version = try SemanticVersion("1.0.0")
        integrity = try Integrity(Digest.of(.sha512, Array("tarball".utf8)))
        key = try PrivateKey.generate(.ecdsaP256)
    }

    @Test func whatIsSignedVerifies() throws {
        let signature = try sign(with: key)
        try keys(key).verify(
            [signature], name: name, version: version, integrity: integrity, published: published)
    }

    /// npm's own key and its signature of light-cycle@1.4.3, from npm's documentation.
    @Test func agreesWithThePublicRegistry() throws {
        let der = try #require(
            Base64.decode(
                "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE1Olb3zMAFFxXKHiIkQO5cJ3Yhl5i6UPp+"
                    + "IhuteBJbuHcA5UogKo0EWtlWwW6KSaKoTNEYL7JlCQiVnkhBktUgg=="))
        let key = try PublicKey(spkiDER: der)
        #expect(
            RegistrySignature.keyID(for: key)
                == "SHA256:jl3bwswu80PjjokCgh0o2w5c2U4LhQAE57gj9cz1kzA")
    }

    @Test func messageIsNameVersionAndIntegrity() throws {
        let message = RegistrySignature.message(name: name, version: version, integrity: integrity)
        #expect(String(decoding: message, as: UTF8.self) == "@acme/x@1.0.0:\(integrity)")
    }

    @Test func anotherNameVersionOrTarballIsRefused() throws {
        let signature = try sign(with: key)
        let other = try Integrity(Digest.of(.sha512, Array("another".utf8)))
        for (name, version, integrity) in [
            (try PackageName("@acme/y"), version, integrity),
            (name, try SemanticVersion("1.0.1"), integrity), (name, version, other),
        ] {
            expectRefusal {
                try keys(key).verify(
                    [signature], name: name, version: version, integrity: integrity,
                    published: published)
            }
        }
    }

    @Test func signaturesOfUnknownKeysDoNotCount() throws {
        let signature = try sign(with: try PrivateKey.generate(.ecdsaP256))
        expectRefusal {
            try keys(key).verify(
                [signature], name: name, version: version, integrity: integrity,
                published: published)
        }
        expectRefusal {
            try keys(key).verify(
                [], name: name, version: version, integrity: integrity, published: published)
        }
        try keys(key).verify(
            [signature, try sign(with: key)], name: name, version: version, integrity: integrity,
            published: published)
    }

    @Test func aWrongSignatureOfAKnownKeyIsNotOutweighed() throws {
        let good = try sign(with: key)
        let bad = RegistrySignature(
            keyID: good.keyID, signature: try key.sign([1], scheme: .ecdsaP256SHA256))
        expectRefusal {
            try keys(key).verify(
                [good, bad], name: name, version: version, integrity: integrity,
                published: published)
        }
    }

    @Test func anExpiredKeyCountsForWhatWasPublishedBefore() throws {
        let signature = try sign(with: key)
        let keys = RegistryKeys([try .init(key.publicKey, expires: Sample.day(5, 2))])
        try keys.verify(
            [signature], name: name, version: version, integrity: integrity, published: published)
        for published in [Sample.day(5, 2), Sample.day(5, 3)] {
            expectRefusal {
                try keys.verify(
                    [signature], name: name, version: version, integrity: integrity,
                    published: published)
            }
        }
    }

    @Test func everyBitOfASignatureCounts() throws {
        let signature = try sign(with: key)
        let keys = try keys(key)
        for position in signature.signature.indices {
            for bit in 0..<8 {
                var bytes = signature.signature
                bytes[position] ^= 1 << bit
                let damaged = RegistrySignature(keyID: signature.keyID, signature: bytes)
                expectRefusal {
                    try keys.verify(
                        [damaged], name: name, version: version, integrity: integrity,
                        published: published)
                }
            }
        }
    }

    @Test func signsWithP256Only() throws {
        let ed25519 = try PrivateKey.generate(.ed25519)
        #expect {
            try sign(with: ed25519)
        } throws: {
            ($0 as? PackageError)?.code == .registryKeyInvalid
        }
        #expect {
            try RegistryKeys.Entry(ed25519.publicKey)
        } throws: {
            ($0 as? PackageError)?.code == .registryKeyInvalid
        }
    }

    @Test func keysAreReadAsTheyAreWritten() throws {
        let keys = RegistryKeys([
            try .init(key.publicKey, expires: Sample.day(5, 2)),
            try .init(PrivateKey.generate(.ecdsaP256).publicKey),
        ])
        #expect(try RegistryKeys(json: keys.json) == keys)
        let first = try JSONReader(keys.json)["keys"].array()[0]
        #expect(first.value.object?.names == ["expires", "keyid", "keytype", "scheme", "key"])
        #expect(try first["keytype"].string() == "ecdsa-sha2-nistp256")
        #expect(try first["scheme"].string() == "ecdsa-sha2-nistp256")
        #expect(try first["expires"].string() == "2026-05-02T00:00:00Z")
    }

    @Test func keysOfOtherSchemesArePassedOver() throws {
        let json: JSONValue = ["keys": [["scheme": "ed25519", "keyid": "x", "key": "y"]]]
        #expect(try RegistryKeys(json: json).entries.isEmpty)
    }

    @Test(arguments: ["keyid", "key", "scheme", "expires"])
    func keysWithAWrongMemberAreRefused(member: String) throws {
        let entry = try JSONReader(RegistryKeys([try .init(key.publicKey)]).json)["keys"].array()[0]
        for wrong: JSONValue in [7, "AAAA", ""] where !(member == "scheme" && wrong.string != nil) {
            var object = try entry.object()
            object[member] = wrong
            #expect {
                try RegistryKeys(json: ["keys": [.object(object)]])
            } throws: {
                ($0 as? PackageError)?.code == .registryKeyInvalid
            }
        }
    }

    private func sign(with key: PrivateKey) throws -> RegistrySignature {
        try .sign(name: name, version: version, integrity: integrity, with: key)
    }

    private func keys(_ key: PrivateKey) throws -> RegistryKeys {
        RegistryKeys([try .init(key.publicKey)])
    }

    private func expectRefusal(_ verify: () throws -> Void) {
        #expect {
            try verify()
        } throws: {
            ($0 as? PackageError)?.code == .registrySignatureInvalid
        }
    }
}
