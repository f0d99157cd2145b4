import Cryptography
import Diagnostics
import Testing

struct DigestTests {
    struct Vector: CustomTestStringConvertible {
        let algorithm: HashAlgorithm
        let message: String
        let hex: String
        var testDescription: String { "\(algorithm.rawValue) of \"\(message)\"" }
    }

    // NIST, "SHA-1, SHA-256 and SHA-512 examples" (FIPS 180-4), one block each and the empty one.
    static let vectors = [
        Vector(
            algorithm: .sha1, message: "abc", hex: "a9993e364706816aba3e25717850c26c9cd0d89d"),
        Vector(
            algorithm: .sha256, message: "abc",
            hex: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        Vector(
            algorithm: .sha256, message: "",
            hex: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        Vector(
            algorithm: .sha512, message: "abc",
            hex: """
                ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
                2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f
                """),
    ]

    @Test(arguments: vectors)
    func matchesPublishedVector(_ vector: Vector) {
        #expect(Digest.of(vector.algorithm, Array(vector.message.utf8)).hex == vector.hex)
        #expect(Digest(vector.algorithm, hex: vector.hex)?.hex == vector.hex)
    }

    @Test(arguments: HashAlgorithm.allCases)
    func runningDigestIsThatOfTheWhole(_ algorithm: HashAlgorithm) {
        let message = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
        for pieceCount in [1, 63, 64, 65, 1000] {
            var running = RunningDigest(algorithm)
            for start in stride(from: 0, to: message.count, by: pieceCount) {
                running.update(Array(message[start..<min(start + pieceCount, message.count)]))
            }
            #expect(running.finish() == Digest.of(algorithm, message))
        }
    }

    @Test func refusesDigestOfWrongLength() {
        #expect(Digest(.sha256, hex: String(repeating: "a", count: 62)) == nil)
        #expect(Digest(.sha512, hex: String(repeating: "a", count: 64)) == nil)
        #expect(Digest(.sha256, hex: String(repeating: "g", count: 64)) == nil)
    }

    struct HMACVector {
        let key: [UInt8]
        let message: String
        let hex: String
    }

    // RFC 4231, section 4, cases 1, 2 and 6.
    @Test(arguments: [
        HMACVector(
            key: Array(repeating: 0x0B, count: 20), message: "Hi There",
            hex: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        HMACVector(
            key: Array("Jefe".utf8), message: "what do ya want for nothing?",
            hex: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        HMACVector(
            key: Array(repeating: 0xAA, count: 131),
            message: "Test Using Larger Than Block-Size Key - Hash Key First",
            hex: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
    ])
    func hmacMatchesRFC4231(_ vector: HMACVector) {
        let code = HMAC.sha256(key: Secret(vector.key), message: Array(vector.message.utf8))
        #expect(Hex.encode(code) == vector.hex)
    }

    // RFC 7914, section 12, the first and the second vector.
    @Test func scryptMatchesRFC7914() throws {
        let first = try KeyDerivation.scrypt([], salt: [], n: 16, r: 1, p: 1, count: 64)
        #expect(
            Hex.encode(first) == """
                77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442\
                fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906
                """)
        let second = try KeyDerivation.scrypt(
            Array("password".utf8), salt: Array("NaCl".utf8), n: 1024, r: 8, p: 16, count: 64)
        #expect(
            Hex.encode(second) == """
                fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162\
                2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640
                """)
    }

    @Test func scryptRefusesCostThatIsNoPowerOfTwo() {
        let error = #expect(throws: CryptographyError.self) {
            try KeyDerivation.scrypt([1], salt: [2], n: 15, r: 1, p: 1, count: 8)
        }
        #expect(error?.code == .cryptographyFailed)
    }

    @Test func comparesInConstantTime() {
        #expect(constantTimeEqual([1, 2, 3], [1, 2, 3]))
        #expect(!constantTimeEqual([1, 2, 3], [1, 2, 4]))
        #expect(!constantTimeEqual([1, 2, 3], [1, 2]))
        #expect(constantTimeEqual([], []))
    }

    @Test func randomBytesDiffer() {
        #expect(SecureRandom.bytes(32).count == 32)
        #expect(SecureRandom.bytes(32) != SecureRandom.bytes(32))
    }
}
