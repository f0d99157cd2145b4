import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import TestSupport
import Testing

@testable import Licensing

struct LicenseTokenTests {
    private let key: PrivateKey
    private let signer: LicenseSigner
    private let keys: LicenseKeySet

    init() throws {
        key = try PrivateKey.generate(.ed25519)
        signer = try LicenseSigner(key: key, keyID: "k1")
        var keys = LicenseKeySet()
        try keys.add(key.publicKey, keyID: "k1")
        self.keys = keys
    }

    @Test(arguments: [Samples.standard(), Samples.offline(), minimal])
    func claimsComeBack(_ claims: LicenseClaims) throws {
        let token = try signer.sign(claims)
        #expect(token.claims == claims)
        let again = try UnverifiedLicenseToken(token.compact.reveal()).verified(by: keys)
        #expect(again.claims == claims)
        #expect(!"\(token)".contains("eyJ"))
    }

    private static let minimal = LicenseClaims(
        issuer: "https://a.example", licenseID: "l", tokenID: "t", issued: Samples.now,
        expires: Samples.now + Samples.day, mode: .airgapped, sequence: 0, instances: [],
        plugins: [])

    @Test func everyFlippedBitIsRefused() throws {
        let text = Array(try signer.sign(Samples.standard()).compact.reveal().utf8)
        let headerEnd = try #require(text.firstIndex(of: 0x2E))
        // The last character of a part may have bits that belong to no byte: another spelling.
        let ends = [try #require(text.lastIndex(of: 0x2E)) - 1, text.count - 1]
        for index in text.indices {
            for bit in [UInt8(index % 8), UInt8((index + 3) % 8)] {
                var changed = text
                changed[index] ^= 1 << bit
                let code = refusal(String(decoding: changed, as: UTF8.self))
                if index <= headerEnd {
                    #expect(
                        [.licenseTokenFormat, .licenseSignerUnknown, .licenseSignature]
                            .contains(code), "byte \(index), bit \(bit)")
                } else {
                    let isDigit =
                        Base64URL.decode(
                            "AAA" + String(decoding: [changed[index]], as: UTF8.self)) != nil
                    #expect(
                        isDigit && !ends.contains(index)
                            ? code == .licenseSignature
                            : [.licenseTokenFormat, .licenseSignature].contains(code),
                        "byte \(index), bit \(bit)")
                }
            }
        }
    }

    @Test func everyTruncationIsRefused() throws {
        let text = try signer.sign(Samples.standard()).compact.reveal()
        for count in 0..<text.utf8.count {
            #expect(refusal(String(text.prefix(count))) == .licenseTokenFormat)
            #expect(
                [.licenseTokenFormat, .licenseSignature]
                    .contains(refusal(String(text.suffix(count)))))
        }
        for addition in ["A", "AAAA", ".", "=", "\n", " "] {
            #expect(refusal(text + addition) == .licenseTokenFormat)
        }
    }

    @Test func mutationsAreRefused() throws {
        var generator = SeededGenerator(seed: 2)
        let text = try signer.sign(Samples.standard()).compact.reveal()
        for _ in 0..<5000 {
            let bytes = mutated(Array(text.utf8), using: &generator)
            let changed = String(decoding: bytes, as: UTF8.self)
            guard changed != text else { continue }
            #expect(refusal(changed) != nil)
        }
    }

    /// The vendor's own mistakes are signed as well: they must be refused or judged, never trap.
    @Test func signedNonsenseIsRefusedOrJudged() throws {
        var generator = SeededGenerator(seed: 4)
        let payload = Samples.standard().json.compactBytes
        for _ in 0..<3000 {
            let text = try sign(payload: mutated(payload, using: &generator))
            do {
                let token = try UnverifiedLicenseToken(text).verified(by: keys)
                let status = evaluate(
                    [token], instance: Samples.instance, facts: Samples.facts,
                    memory: LicenseMemory(), now: Samples.now)
                #expect(!status.json.compactBytes.isEmpty)
            } catch {
                #expect([.licenseClaims, .licenseTokenFormat].contains(error.code))
            }
        }
    }

    struct Header: CustomTestStringConvertible {
        let json: String
        let code: FailureCode
        var testDescription: String { json }
    }

    @Test(arguments: [
        Header(json: #"{"alg":"none","typ":"license+jwt","kid":"k1"}"#, code: .licenseTokenFormat),
        Header(json: #"{"alg":"HS256","typ":"license+jwt","kid":"k1"}"#, code: .licenseTokenFormat),
        Header(json: #"{"alg":"RS256","typ":"license+jwt","kid":"k1"}"#, code: .licenseTokenFormat),
        Header(json: #"{"alg":"eddsa","typ":"license+jwt","kid":"k1"}"#, code: .licenseTokenFormat),
        Header(json: #"{"alg":"EdDSA","typ":"JWT","kid":"k1"}"#, code: .licenseTokenFormat),
        Header(json: #"{"alg":"EdDSA","kid":"k1"}"#, code: .licenseTokenFormat),
        Header(json: #"{"typ":"license+jwt","kid":"k1"}"#, code: .licenseTokenFormat),
        Header(json: #"{"alg":"EdDSA","typ":"license+jwt"}"#, code: .licenseTokenFormat),
        Header(json: #"{"alg":"EdDSA","typ":"license+jwt","kid":""}"#, code: .licenseTokenFormat),
        Header(json: #"{"alg":"EdDSA","typ":"license+jwt","kid":1}"#, code: .licenseTokenFormat),
        Header(
            json: #"{"alg":"EdDSA","typ":"license+jwt","kid":"k1","crit":["exp"]}"#,
            code: .licenseTokenFormat),
        Header(
            json: #"{"alg":"none","alg":"EdDSA","typ":"license+jwt","kid":"k1"}"#,
            code: .licenseTokenFormat),
        Header(json: "[]", code: .licenseTokenFormat),
        Header(
            json: #"{"alg":"EdDSA","typ":"license+jwt","kid":"k2"}"#, code: .licenseSignerUnknown),
    ])
    func wellSignedTokenWithAnotherHeaderIsRefused(_ header: Header) throws {
        let payload = Samples.standard().json.compactBytes
        #expect(refusal(try sign(header: header.json, payload: payload)) == header.code)
    }

    @Test func anUnknownSignerIsSaidWithThoseThatAreKnown() throws {
        let token = try UnverifiedLicenseToken(
            signer.sign(Samples.standard()).compact.reveal())
        var others = LicenseKeySet()
        try others.add(key.publicKey, keyID: "other")
        for (known, words) in [
            (LicenseKeySet(), "no list of the vendor's keys is here"),
            (others, "the vendor's list has \"other\""),
        ] {
            let error = #expect(throws: LicenseError.self) { try token.verified(by: known) }
            #expect(error?.code == .licenseSignerUnknown)
            #expect(error?.message.contains(words) == true)
        }
    }

    @Test func keysInsideTheHeaderAreNotUsed() throws {
        let stranger = try PrivateKey.generate(.ed25519)
        let x = Base64URL.encode(try #require(stranger.publicKey.rawEd25519))
        let header = """
            {"alg":"EdDSA","typ":"license+jwt","kid":"k1",\
            "jwk":{"kty":"OKP","crv":"Ed25519","x":"\(x)"}}
            """
        let token = try sign(
            header: header, payload: Samples.standard().json.compactBytes, with: stranger)
        #expect(refusal(token) == .licenseSignature)
    }

    @Test(arguments: [
        "iss", "sub", "jti", "iat", "exp", "mode", "status", "sequence",
    ])
    func missingClaimIsRefused(_ name: String) throws {
        var object = try #require(Samples.standard().json.object)
        object[name] = nil
        #expect(refusal(try sign(payload: .object(object))) == .licenseClaims)
    }

    /// Nobody is asked about them again, so they must have an end: not even a perpetual one is taken.
    @Test(arguments: [LicenseMode.airgapped, .offline])
    func tokenWithoutCheckInsNeedsAnEnd(mode: LicenseMode) throws {
        let claims = Samples.offline {
            $0.mode = mode
            $0.termEnds = nil
            $0.graceUntil = nil
        }
        #expect(refusal(try sign(payload: claims.json)) == nil)
        var object = try #require(claims.json.object)
        object["exp"] = nil
        #expect(refusal(try sign(payload: .object(object))) == .licenseClaims)
    }

    @Test(
        arguments: [
            ("iss", ""), ("iat", "x"), ("iat", -1), ("iat", 253_402_300_800), ("exp", "2026-01-01"),
            ("mode", "floating"), ("status", "fine"), ("sequence", -1), ("after_term", "delete"),
            ("trial", "yes"), ("plugins", ["@acme/x"]), ("plugins", [["name": ""]]),
            ("instances", [["id": "ti_1"]]), ("features", ["a"]), ("limits", ["seats": "25"]),
            ("check_in", ["interval_s": 1]), ("facts", ["salt": "=", "hashes": [:]]),
        ] as [(String, JSONValue)])
    func claimOfTheWrongKindIsRefused(name: String, value: JSONValue) throws {
        var object = try #require(Samples.standard().json.object)
        object[name] = value
        #expect(refusal(try sign(payload: .object(object))) == .licenseClaims)
    }

    @Test func unknownClaimsAreIgnored() throws {
        var object = try #require(Samples.standard().json.object)
        object["made_up"] = ["a": [1, 2]]
        #expect(refusal(try sign(payload: .object(object))) == nil)
    }

    @Test func doubledClaimIsRefused() throws {
        let text = String(decoding: Samples.standard().json.compactBytes, as: UTF8.self)
        let doubled = #"{"status":"active","# + text.dropFirst()
        #expect(refusal(try sign(payload: Array(doubled.utf8))) == .licenseClaims)
    }

    @Test func whatClientsWouldRefuseIsNotSigned() throws {
        let error = #expect(throws: LicenseError.self) {
            try signer.sign(Samples.standard { $0.issuer = "" })
        }
        #expect(error?.code == .licenseClaims)
    }

    @Test func sizeIsLimited() throws {
        let error = #expect(throws: LicenseError.self) {
            try signer.sign(
                Samples.standard {
                    $0.domains = [String(repeating: "a", count: 50_000)]
                })
        }
        #expect(error?.code == .licenseTokenFormat)
    }

    @Test func nonceIsCompared() throws {
        let token = try signer.sign(Samples.standard())
        try token.requireAnswer(to: "n1")
        for (token, nonce) in [(token, "n2"), (try signer.sign(Samples.offline()), "")] {
            let error = #expect(throws: LicenseError.self) { try token.requireAnswer(to: nonce) }
            #expect(error?.code == .licenseReplayed)
        }
    }

    @Test func keySetComesBackAndRefusesWhatItIsNot() throws {
        let again = try LicenseKeySet(jwks: keys.jwks)
        #expect(again.keyIDs == ["k1"])
        #expect(again["k1"] == key.publicKey)
        let x = Base64URL.encode(try #require(key.publicKey.rawEd25519))
        let jwk = #"{"kty":"OKP","crv":"Ed25519","kid":"k1","x":"\#(x)"}"#
        let rsa = #"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#
        #expect(
            try LicenseKeySet(jwks: Array(#"{"keys":[\#(rsa),\#(jwk)]}"#.utf8)).keyIDs == ["k1"])
        for text in [
            "", "[]", "{}", #"{"keys":{}}"#, #"{"keys":[{}]}"#, #"{"keys":[\#(jwk),\#(jwk)]}"#,
            #"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k1","x":"AAAA"}]}"#,
        ] {
            let error = #expect(throws: LicenseError.self) {
                try LicenseKeySet(jwks: Array(text.utf8))
            }
            #expect(error?.code == .licenseKeySet)
        }
        let error = #expect(throws: LicenseError.self) {
            try LicenseSigner(key: PrivateKey.generate(.ecdsaP256))
        }
        #expect(error?.code == .licenseKeySet)
    }

    // RFC 8037, appendix A.3.
    @Test func thumbprintMatchesRFC8037() throws {
        let raw = try #require(Base64URL.decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"))
        #expect(
            try LicenseKeySet.thumbprint(of: PublicKey(ed25519: raw))
                == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")
    }

    /// The code with which a token is refused; nil when it is not.
    private func refusal(_ text: String) -> FailureCode? {
        do {
            _ = try UnverifiedLicenseToken(text).verified(by: keys)
            return nil
        } catch {
            return error.code
        }
    }

    private func sign(payload: JSONValue) throws -> String {
        try sign(payload: payload.compactBytes)
    }

    private func sign(
        header: String = #"{"alg":"EdDSA","typ":"license+jwt","kid":"k1"}"#, payload: [UInt8],
        with other: PrivateKey? = nil
    ) throws -> String {
        let signed = Base64URL.encode(Array(header.utf8)) + "." + Base64URL.encode(payload)
        let signature = try (other ?? key).sign(Array(signed.utf8), scheme: .ed25519)
        return "\(signed).\(Base64URL.encode(signature))"
    }
}
