import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import Testing

@testable import Licensing

/// The vectors in `fixtures/vectors`, which other programs made: the formats must never drift.
struct VectorTests {
    @Test func tokensAreTakenAndRefusedAsWritten() throws {
        let vectors = try vectors("license-tokens.json")
        let keys = try LicenseKeySet(jwks: try #require(vectors["jwks"]).compactBytes)
        for vector in try #require(vectors["tokens"]?.array) {
            let text = try #require(vector["token"]?.string)
            var code: String?
            do throws(LicenseError) {
                _ = try UnverifiedLicenseToken(text).verified(by: keys)
            } catch {
                code = error.code.name
            }
            #expect(code == vector["code"]?.string, "\(vector["name"]?.string ?? "")")
        }
    }

    @Test func keysAreMadeAndReadAsWritten() throws {
        for vector in try #require(try vectors("license-keys.json")["keys"]?.array) {
            let text = try #require(vector["key"]?.string)
            let root = Array(try #require(vector["root"]?.string).utf8)
            let made = LicenseKey.make(
                mode: try #require(LicenseKey.Mode(rawValue: vector["mode"]?.string ?? "")),
                secretBytes: try #require(Hex.decode(vector["secret"]?.string ?? "")),
                rootFingerprint: try RootFingerprint(of: root))
            #expect(made.text.reveal() == text)
            #expect(try LicenseKey(text) == made)
            #expect(made.lookupDigest.hex == vector["lookup"]?.string)
            try made.requireIssued(under: root)
        }
    }

    private func vectors(_ name: String) throws -> JSONValue {
        var path = #filePath.split(separator: "/").dropLast(3).map(String.init)
        path += ["fixtures", "vectors", name]
        let bytes = try Data(contentsOf: URL(filePath: "/" + path.joined(separator: "/")))
        return try parseJSON(Array(bytes))
    }
}
