import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import Testing

@testable import SignedMetadata

/// Who has signed enough.
struct SignatureThresholdTests {
    private let keys: [PrivateKey]
    private let timestamp = Timestamp(
        version: 1, expires: now + day, snapshot: FileDescription(version: 1))

    init() throws {
        keys = try (0..<5).map { _ in try PrivateKey.generate(.ed25519) }
    }

    struct Case: Sendable {
        let listed: [Int]
        let threshold: Int
        let signers: [Int]
        var refused: FailureCode?
    }

    @Test(arguments: [
        Case(listed: [0], threshold: 1, signers: [0]),
        Case(listed: [0], threshold: 1, signers: [3, 0, 4]),
        Case(listed: [0, 1, 2], threshold: 2, signers: [2, 0]),
        Case(listed: [0, 0, 1], threshold: 2, signers: [0, 1]),
        Case(listed: [0], threshold: 1, signers: [], refused: .trustUnsigned),
        Case(listed: [0], threshold: 1, signers: [1], refused: .trustUnsigned),
        Case(listed: [0, 1, 2], threshold: 2, signers: [0], refused: .trustThreshold),
        Case(listed: [0, 1], threshold: 3, signers: [0, 1], refused: .trustThreshold),
        Case(listed: [0, 0], threshold: 2, signers: [0], refused: .trustThreshold),
        Case(listed: [0, 1], threshold: 2, signers: [0, 2], refused: .trustThreshold),
    ])
    func counts(_ example: Case) async throws {
        let verifier = verifier(example.listed, threshold: example.threshold)
        let bytes = try signedFile(timestamp.json, by: example.signers.map { keys[$0] })
        let file = try UnverifiedMetadata(bytes, role: "timestamp")
        if let code = example.refused {
            await expectTrustError(code) { _ = try file.verified(as: Timestamp.self, by: verifier) }
        } else {
            #expect(try file.verified(as: Timestamp.self, by: verifier) == timestamp)
        }
    }

    private func verifier(_ listedKeys: [Int], threshold: Int) -> RoleVerifier {
        let keys = listedKeys.map { self.keys[$0] }
        return RoleVerifier(
            role: "timestamp", roleKeys(keys, threshold: threshold), among: listed(keys))
    }

    @Test func oneKeyUnderTwoNamesIsOneSigner() async throws {
        let key = try #require(Key(keys[0].publicKey))
        let twin = try Key(keyID: "another name", JSONReader(key.json))
        let verifier = RoleVerifier(
            role: "timestamp", RoleKeys(keyIDs: [key.keyID, twin.keyID], threshold: 2),
            among: [key.keyID: key, twin.keyID: twin])
        let message = try timestamp.json.canonicalBytes()
        let signature = JSONValue.string(
            Hex.encode(try keys[0].sign(message, scheme: .ed25519)))
        let file: JSONValue = [
            "signatures": [
                ["keyid": .string(key.keyID), "sig": signature],
                ["keyid": .string(twin.keyID), "sig": signature],
            ],
            "signed": timestamp.json,
        ]
        await expectTrustError(.trustThreshold) {
            _ = try UnverifiedMetadata(file.compactBytes, role: "timestamp")
                .verified(as: Timestamp.self, by: verifier)
        }
    }

    @Test func refusesTwoSignaturesWithOneKeyID() async throws {
        let bytes = try signedFile(timestamp.json, by: [keys[0], keys[0]])
        await expectTrustError(.trustMalformed) {
            _ = try UnverifiedMetadata(bytes, role: "timestamp")
        }
    }

    /// Signatures of unknown kinds, empty ones and nonsense do no harm beside a good one.
    @Test(arguments: ["", "00", "zz", "not hexadecimal", String(repeating: "ab", count: 64)])
    func passesOverABadSignature(_ signature: String) throws {
        let verifier = verifier([0, 1], threshold: 1)
        let bad = try #require(Key(keys[1].publicKey))
        let good = try parseJSON(try signedFile(timestamp.json, by: [keys[0]]))
        let signatures =
            [["keyid": .string(bad.keyID), "sig": .string(signature)] as JSONValue]
            + (good["signatures"]?.array ?? [])
        let file: JSONValue = ["signatures": .array(signatures), "signed": timestamp.json]
        let unverified = try UnverifiedMetadata(file.compactBytes, role: "timestamp")
        #expect(try unverified.verified(as: Timestamp.self, by: verifier) == timestamp)
    }

    /// Fields that we do not know, anywhere, are part of what is signed.
    @Test func unknownFieldsAreSigned() async throws {
        var members = try #require(timestamp.json.object)
        members["custom-field"] = ["a": [1, nil, true, "é\n\""]]
        let bytes = try signedFile(.object(members), by: [keys[0]])
        let verifier = verifier([0], threshold: 1)
        let file = try UnverifiedMetadata(bytes, role: "timestamp")
        #expect(try file.verified(as: Timestamp.self, by: verifier) == timestamp)
        let text = String(decoding: bytes, as: UTF8.self)
        let changed = Array(text.replacing("custom-field", with: "custom-fields").utf8)
        await expectTrustError(.trustUnsigned) {
            _ = try UnverifiedMetadata(changed, role: "timestamp")
                .verified(as: Timestamp.self, by: verifier)
        }
    }

    @Test func refusesAnotherRolesFile() async throws {
        let bytes = try signedFile(timestamp.json, by: [keys[0]])
        await expectTrustError(.trustMixAndMatch) {
            _ = try UnverifiedMetadata(bytes, role: "snapshot")
                .verified(as: Snapshot.self, by: verifier([0], threshold: 1))
        }
    }

    struct KeyKind: Sendable {
        let type: KeyType
        let scheme: SignatureScheme
        let names: [(type: String, scheme: String)]
    }

    @Test(arguments: [
        KeyKind(type: .ed25519, scheme: .ed25519, names: [("ed25519", "ed25519")]),
        KeyKind(
            type: .ecdsaP256, scheme: .ecdsaP256SHA256,
            names: [
                ("ecdsa", "ecdsa-sha2-nistp256"), ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256"),
            ]),
        KeyKind(type: .rsa, scheme: .rsaPSSSHA256, names: [("rsa", "rsassa-pss-sha256")]),
    ])
    func readsEveryKindOfKey(_ kind: KeyKind) throws {
        let privateKey = try PrivateKey.generate(kind.type)
        let publicText =
            privateKey.publicKey.rawEd25519.map(Hex.encode) ?? privateKey.publicKey.pem
        let message = try timestamp.json.canonicalBytes()
        let signature = Hex.encode(try privateKey.sign(message, scheme: kind.scheme))
        for (type, scheme) in kind.names {
            let json: JSONValue = [
                "keytype": .string(type), "scheme": .string(scheme),
                "keyval": ["public": .string(publicText)],
            ]
            let key = try Key(keyID: "any name", JSONReader(json))
            let verifier = RoleVerifier(
                role: "timestamp", RoleKeys(keyIDs: ["any name"]), among: ["any name": key])
            let file: JSONValue = [
                "signatures": [["keyid": "any name", "sig": .string(signature)]],
                "signed": timestamp.json,
            ]
            let unverified = try UnverifiedMetadata(file.compactBytes, role: "timestamp")
            #expect(try unverified.verified(as: Timestamp.self, by: verifier) == timestamp)
        }
    }

    /// Keys that we cannot use are listed, and never sign.
    @Test(arguments: [
        ("dilithium", "dilithium3", "00"), ("ed25519", "ed25519", "abcd"),
        ("ed25519", "ed25519", ""),
        ("ecdsa", "ecdsa-sha2-nistp384", "x"), ("rsa", "rsa-pkcs1v15-sha256", "x"),
        ("ecdsa", "ecdsa-sha2-nistp256", "04cbc5ca"), ("rsa", "rsassa-pss-sha256", "no PEM"),
        ("ed25519", "rsassa-pss-sha256", "00"),
    ])
    func keepsKeysThatItCannotUse(_ type: String, _ scheme: String, _ text: String) throws {
        let json: JSONValue = [
            "keytype": .string(type), "scheme": .string(scheme),
            "keyval": ["public": .string(text)], "x-owner": "somebody",
        ]
        let key = try Key(keyID: "k", JSONReader(json))
        #expect(key.publicKey == nil)
        #expect(!key.isValidSignature([], of: []))
    }

    @Test func keepsKeysWithoutAPublicPart() throws {
        let json: JSONValue = [
            "keytype": "sigstore-oidc", "scheme": "Fulcio",
            "keyval": ["identity": "somebody@example.com", "issuer": "https://example.com"],
        ]
        #expect(try Key(keyID: "k", JSONReader(json)).publicKey == nil)
    }

    @Test func namesAKeyAsTheReferenceImplementationDoes() throws {
        // securesystemslib: SHA-256 of {"keytype":"ed25519","keyval":{"public":…},"scheme":"ed25519"}
        let raw = [UInt8](repeating: 7, count: 32)
        let key = try #require(Key(try PublicKey(ed25519: raw)))
        let text =
            #"{"keytype":"ed25519","keyval":{"public":""# + Hex.encode(raw)
            + #""},"scheme":"ed25519"}"#
        #expect(key.keyID == Digest.of(.sha256, Array(text.utf8)).hex)
    }
}
