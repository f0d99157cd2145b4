import Cryptography
import Diagnostics
import Packages
import Testing

@Suite struct IntegrityTests {
    static let empty =
        "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg=="

    @Test func readsWhatNpmWrites() throws {
        let integrity = try Integrity(Self.empty)
        #expect(integrity.sha512 == Digest.of(.sha512, []))
        #expect(integrity.description == Self.empty)
    }

    @Test(arguments: [
        "", "sha512-", "sha512-AAAA", "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=", empty + "\n",
        " " + empty,
        empty + "?x", empty + " " + empty, String(empty.dropLast()), String(empty.dropLast(2)),
        "SHA512-" + empty.dropFirst(7), empty.replacing("SfaPg==", with: "SfaPh=="), empty + "=",
    ])
    func refuses(text: String) {
        #expect {
            try Integrity(text)
        } throws: {
            ($0 as? PackageError)?.code == .registryIntegrityInvalid
        }
    }

    @Test func refusesOtherDigests() {
        #expect {
            try Integrity(Digest.of(.sha256, []))
        } throws: {
            ($0 as? PackageError)?.code == .registryIntegrityInvalid
        }
    }
}
