import Cryptography
import Diagnostics
import Testing

struct KeyTests {
    @Test(arguments: KeyType.allCases)
    func generatedKeyComesBackFromPEM(_ type: KeyType) throws {
        let key = try PrivateKey.generate(type)
        #expect(key.type == type)
        let again = try PrivateKey(pem: key.pem)
        #expect(again.publicKey == key.publicKey)
        #expect(try PublicKey(pem: key.publicKey.pem) == key.publicKey)
        #expect(try PublicKey(spkiDER: key.publicKey.spkiDER) == key.publicKey)
        #expect(!"\(key)".contains("PRIVATE"))
    }

    @Test func rawEd25519ComesBack() throws {
        let key = try PrivateKey.generate(.ed25519).publicKey
        let raw = try #require(key.rawEd25519)
        #expect(try PublicKey(ed25519: raw) == key)
        let error = #expect(throws: CryptographyError.self) {
            try PublicKey(ed25519: Array(raw.dropLast()))
        }
        #expect(error?.code == .keyMalformed)
    }

    @Test func compressedPointIsTheSameKey() throws {
        let key = try PrivateKey.generate(.ecdsaP256).publicKey
        let point = try #require(key.rawP256)
        let prefix: [UInt8] = [
            0x30, 0x39, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06,
            0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x22, 0x00,
        ]
        let parity: UInt8 = (point[64] & 1) + 2
        let compressed = prefix + [parity] + point[1...32]
        #expect(try PublicKey(spkiDER: compressed) == key)
    }

    @Test(arguments: [
        (ForeignKeys.p384, FailureCode.keyUnsupported),
        (ForeignKeys.rsa1024, .keyUnsupported),
        ("", .keyMalformed),
        ("-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----", .keyMalformed),
        ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", .keyMalformed),
        (String(ForeignKeys.rsa2048.dropLast(40)), .keyMalformed),
        (ForeignKeys.rsa2048 + "\n" + ForeignKeys.rsa2048, .keyMalformed),
        (ForeignKeys.rsa2048.replacing("PUBLIC", with: "PRIVATE"), .keyMalformed),
    ])
    func refusesOtherPublicKeys(pem: String, code: FailureCode) {
        let error = #expect(throws: CryptographyError.self) { try PublicKey(pem: pem) }
        #expect(error?.code == code)
    }

    @Test func refusesTrailingBytesAndTruncation() throws {
        for type in KeyType.allCases {
            let bytes = try PrivateKey.generate(type).publicKey.spkiDER
            for wrong in [bytes + [0]] + (0..<bytes.count).map({ Array(bytes.prefix($0)) }) {
                let error = #expect(throws: CryptographyError.self) {
                    try PublicKey(spkiDER: wrong)
                }
                #expect(error?.code == .keyMalformed)
            }
        }
    }

    @Test func refusesOtherPrivateKeys() throws {
        let publicPEM = try PrivateKey.generate(.ed25519).publicKey.pem
        for text in ["", publicPEM, publicPEM.replacing("PUBLIC", with: "PRIVATE")] {
            let error = #expect(throws: CryptographyError.self) {
                try PrivateKey(pem: Secret(text))
            }
            #expect(error?.code == .keyMalformed)
        }
    }

    @Test func pemToleratesSpaceAroundAndCarriageReturns() throws {
        let key = try PrivateKey.generate(.ecdsaP256).publicKey
        let windows = "\n  " + key.pem.replacing("\n", with: "\r\n") + "\r\n \n"
        #expect(try PublicKey(pem: windows) == key)
    }

    @Test func sshBlobIsWhatSSHWrites() throws {
        let rsa = try PublicKey(pem: ForeignKeys.rsa2048)
        #expect(Base64.encode(rsa.sshWireBlob) == ForeignKeys.rsa2048SSH)
        // npm's own public registry key and the key ID that it publishes for it.
        let npm = try #require(
            Base64.decode(
                """
                MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE1Olb3zMAFFxXKHiIkQO5cJ3Yhl5i\
                6UPp+IhuteBJbuHcA5UogKo0EWtlWwW6KSaKoTNEYL7JlCQiVnkhBktUgg==
                """))
        let digest = Digest.of(.sha256, try PublicKey(spkiDER: npm).sshWireBlob)
        #expect(
            "SHA256:" + Base64.encode(digest.bytes).filter { $0 != "=" }
                == "SHA256:jl3bwswu80PjjokCgh0o2w5c2U4LhQAE57gj9cz1kzA")
    }
}
