import CanonicalJSON
import Diagnostics
import TestSupport
import Testing

@testable import Licensing

/// The standard tools must agree with us, in both directions.
@Suite(
    .enabled("needs python3 with PyJWT and joserfc (scripts/test-requirements.txt)") {
        await Python.canImport("jwt", "joserfc")
    })
struct InteroperationTests {
    @Test func ourTokensVerifyElsewhere() async throws {
        let (signer, keys) = try Samples.signer()
        for claims in [Samples.standard(), Samples.offline()] {
            let input: JSONValue = [
                "token": .string(try signer.sign(claims).compact.reveal()),
                "jwks": try parseJSON(keys.jwks),
            ]
            let output = try await Python.run(
                """
                import json, sys, jwt
                from joserfc import jwt as joserfc_jwt
                from joserfc.jwk import KeySet

                given = json.load(sys.stdin)
                token = given["token"]

                header = jwt.get_unverified_header(token)
                assert header["typ"] == "license+jwt", header
                key = jwt.PyJWKSet.from_dict(given["jwks"])[header["kid"]]
                ignore = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
                first = jwt.decode(token, key, algorithms=["EdDSA"], options=ignore)

                keys = KeySet.import_key_set(given["jwks"])
                second = joserfc_jwt.decode(token, keys, algorithms=["EdDSA"])
                assert second.header["typ"] == "license+jwt", second.header

                for position in (len(token) // 2, len(token) - 10):
                    changed = token[:position] + ("A" if token[position] != "A" else "B")
                    changed += token[position + 1:]
                    try:
                        jwt.decode(changed, key, algorithms=["EdDSA"], options=ignore)
                    except jwt.InvalidTokenError:
                        continue
                    sys.exit("PyJWT took a changed token")
                print(json.dumps([first, second.claims]))
                """, input: String(decoding: input.compactBytes, as: UTF8.self))
            let seen = try #require(try parseJSON(Array(output.utf8)).array)
            #expect(seen.count == 2)
            for json in seen { #expect(try LicenseClaims(json: json) == claims) }
        }
    }

    @Test func theirTokensVerifyHere() async throws {
        let claims = Samples.offline()
        let output = try await Python.run(
            """
            import json, sys, jwt
            from joserfc import jwt as joserfc_jwt
            from joserfc.jwk import OKPKey

            claims = json.load(sys.stdin)
            key = OKPKey.generate_key("Ed25519", {"kid": "theirs", "use": "sig", "alg": "EdDSA"})
            private = jwt.PyJWK.from_dict(key.as_dict(private=True)).key
            header = {"alg": "EdDSA", "typ": "license+jwt", "kid": "theirs"}
            print(json.dumps({
                "jwks": {"keys": [key.as_dict(private=False)]},
                "tokens": [
                    jwt.encode(claims, private, algorithm="EdDSA", headers=header),
                    joserfc_jwt.encode(header, claims, key, algorithms=["EdDSA"]),
                ],
            }))
            """, input: String(decoding: claims.json.compactBytes, as: UTF8.self))
        let given = try parseJSON(Array(output.utf8))
        let keys = try LicenseKeySet(jwks: try #require(given["jwks"]).compactBytes)
        let tokens = try #require(given["tokens"]?.array).compactMap(\.string)
        #expect(tokens.count == 2)
        for token in tokens {
            #expect(try UnverifiedLicenseToken(token).verified(by: keys).claims == claims)
            let error = #expect(throws: LicenseError.self) {
                try UnverifiedLicenseToken(token).verified(by: Samples.signer().1)
            }
            #expect(error?.code == .licenseSignerUnknown)
        }
    }
}
