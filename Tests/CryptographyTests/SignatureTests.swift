import Cryptography
import Diagnostics
import Testing

struct SignatureTests {
    struct Ed25519Vector {
        let seed: String
        let publicKey: String
        let message: String
        let signature: String
    }

    // RFC 8032, section 7.1, tests 1 to 3.
    static let ed25519Vectors = [
        Ed25519Vector(
            seed: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            publicKey: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            message: "",
            signature: """
                e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555\
                fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b
                """),
        Ed25519Vector(
            seed: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            publicKey: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            message: "72",
            signature: """
                92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
                085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00
                """),
        Ed25519Vector(
            seed: "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            publicKey: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            message: "af82",
            signature: """
                6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac\
                18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a
                """),
    ]

    @Test(arguments: ed25519Vectors)
    func ed25519MatchesRFC8032(_ vector: Ed25519Vector) throws {
        // PKCS#8 around the seed (RFC 8410, section 7).
        let prefix: [UInt8] = [
            0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22,
            0x04, 0x20,
        ]
        let text = Base64.encode(prefix + (try #require(Hex.decode(vector.seed))))
        let key = try PrivateKey(
            pem: Secret("-----BEGIN PRIVATE KEY-----\n\(text)\n-----END PRIVATE KEY-----\n"))
        let message = try #require(Hex.decode(vector.message))
        #expect(key.publicKey.rawEd25519.map(Hex.encode) == vector.publicKey)
        let signature = try key.sign(message, scheme: .ed25519)
        #expect(Hex.encode(signature) == vector.signature)
        #expect(key.publicKey.isValidSignature(signature, of: message, scheme: .ed25519))
    }

    // RFC 6979, section A.2.5, with SHA-256; r and s as DER integers.
    @Test(arguments: [
        (
            "sample",
            """
            3046022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716\
            022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8
            """
        ),
        (
            "test",
            """
            3045022100f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367\
            0220019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083
            """
        ),
    ])
    func ecdsaMatchesRFC6979(message: String, signature: String) throws {
        let spki = try #require(
            Hex.decode(
                """
                3059301306072a8648ce3d020106082a8648ce3d03010703420004\
                60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6\
                7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299
                """))
        let key = try PublicKey(spkiDER: spki)
        let signature = try #require(Hex.decode(signature))
        #expect(
            key.isValidSignature(signature, of: Array(message.utf8), scheme: .ecdsaP256SHA256))
        #expect(
            !key.isValidSignature(signature, of: Array("Test".utf8), scheme: .ecdsaP256SHA256))
        #expect(
            !key.isValidSignature(
                signature + [0], of: Array(message.utf8), scheme: .ecdsaP256SHA256))
    }

    @Test func rsaPSSOfAnotherLibraryVerifies() throws {
        let key = try PublicKey(pem: ForeignKeys.rsa2048)
        let signature = try #require(Base64.decode(ForeignKeys.rsa2048Signature))
        let message = Array("signed elsewhere".utf8)
        #expect(key.isValidSignature(signature, of: message, scheme: .rsaPSSSHA256))
        #expect(!key.isValidSignature(signature, of: message + [0], scheme: .rsaPSSSHA256))
    }

    // RFC 7515, section A.2: the example of RS256.
    @Test func rsaPKCS1MatchesRFC7515() throws {
        let key = try PublicKey(pem: ForeignKeys.rfc7515RSA)
        let signature = try #require(Base64URL.decode(ForeignKeys.rfc7515Signature))
        let message = Array(ForeignKeys.rfc7515Message.utf8)
        #expect(key.isValidSignature(signature, of: message, scheme: .rsaPKCS1SHA256))
        #expect(!key.isValidSignature(signature, of: message + [0], scheme: .rsaPKCS1SHA256))
        // The two paddings of one type of key are not taken for each other.
        #expect(!key.isValidSignature(signature, of: message, scheme: .rsaPSSSHA256))
    }

    @Test(arguments: SignatureScheme.allCases)
    func everyFlippedBitIsNoticed(_ scheme: SignatureScheme) throws {
        let key = try PrivateKey.generate(scheme.keyType)
        let message = Array("a message".utf8)
        let signature = try key.sign(message, scheme: scheme)
        #expect(key.publicKey.isValidSignature(signature, of: message, scheme: scheme))
        for index in signature.indices {
            var changed = signature
            changed[index] ^= 1 << UInt8(index % 8)
            #expect(!key.publicKey.isValidSignature(changed, of: message, scheme: scheme))
        }
        for count in signature.indices {
            let cut = Array(signature.prefix(count))
            #expect(!key.publicKey.isValidSignature(cut, of: message, scheme: scheme))
        }
        let other = try PrivateKey.generate(scheme.keyType).publicKey
        #expect(!other.isValidSignature(signature, of: message, scheme: scheme))
    }

    @Test(arguments: SignatureScheme.allCases)
    func oneKeySignsOnSeveralThreadsAtOnce(_ scheme: SignatureScheme) async throws {
        let key = try PrivateKey.generate(scheme.keyType)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for task in UInt8(0)..<8 {
                group.addTask { @concurrent in
                    try (UInt8(0)..<16).allSatisfy { run in
                        let signature = try key.sign([task, run], scheme: scheme)
                        return key.publicKey.isValidSignature(
                            signature, of: [task, run], scheme: scheme)
                    }
                }
            }
            for try await isValid in group { #expect(isValid) }
        }
    }

    @Test(arguments: KeyType.allCases, SignatureScheme.allCases)
    func schemeOfAnotherTypeIsRefused(_ type: KeyType, _ scheme: SignatureScheme) throws {
        guard scheme.keyType != type else { return }
        let key = try PrivateKey.generate(type)
        let error = #expect(throws: CryptographyError.self) { try key.sign([1], scheme: scheme) }
        #expect(error?.code == .keyUnsupported)
        #expect(
            !key.publicKey.isValidSignature(
                [UInt8](repeating: 0, count: 64), of: [1], scheme: scheme))
    }
}
