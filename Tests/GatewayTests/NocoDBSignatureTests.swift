import CanonicalJSON
import Diagnostics
import Testing

@testable import Gateway

struct NocoDBSignatureTests {
    struct Body: CustomTestStringConvertible {
        let testDescription: String
        /// What is signed: the fields in the order sent, without `signature`.
        let signed: String
        /// What is sent, `SIG` standing for the signature.
        let sent: String
        var isValid = true
    }

    static let bodies = [
        Body(
            testDescription: "the signature last", signed: #"{"b":1,"a":"x"}"#,
            sent: #"{"b":1,"a":"x","signature":"SIG"}"#),
        Body(
            testDescription: "the signature first", signed: #"{"b":1,"a":"x"}"#,
            sent: #"{"signature":"SIG","b":1,"a":"x"}"#),
        Body(
            testDescription: "the signature between", signed: #"{"b":1,"a":"x"}"#,
            sent: #"{"b":1,"signature":"SIG","a":"x"}"#),
        Body(
            testDescription: "nothing but the signature", signed: "{}",
            sent: #"{"signature":"SIG"}"#),
        Body(
            testDescription: "white space", signed: #"{"a":"x  y","e":{"d":[1,2]}}"#,
            sent: "{ \"a\" : \"x  y\",\n\t\"signature\": \"SIG\", \"e\":{\"d\": [1, 2]} }\r\n"),
        Body(
            testDescription: "a member of that name further in",
            signed: #"{"e":{"signature":"y","x":[{"signature":1}]},"z":0}"#,
            sent: #"{"e":{"signature":"y","x":[{"signature":1}]},"signature":"SIG","z":0}"#),
        Body(
            testDescription: "fractions and exponents",
            signed: #"{"e":{"load":0.5,"x":1e+21,"y":1e-7,"z":123456789012.25}}"#,
            sent: #"{"e":{"load":0.5,"x":1e+21,"y":1e-7,"z":123456789012.25},"signature":"SIG"}"#),
        Body(
            testDescription: "strings as JSON.stringify writes them",
            signed: #"{"a":"/\"\\\b\f\n\r\t\u001f\#u{7F}é😀\#u{2028}","b":"{\",}"}"#,
            sent:
                #"{"a":"/\"\\\b\f\n\r\t\u001f\#u{7F}é😀\#u{2028}","b":"{\",}","signature":"SIG"}"#),
        Body(
            testDescription: "escapes that JSON.stringify would not write",
            signed: #"{"a":"/é😀"}"#, sent: #"{"a":"\/\u00e9\ud83d\ude00","signature":"SIG"}"#),
        Body(
            testDescription: "another order", signed: #"{"b":1,"a":2}"#,
            sent: #"{"a":2,"b":1,"signature":"SIG"}"#, isValid: false),
        Body(
            testDescription: "a member that was not signed", signed: #"{"a":1}"#,
            sent: #"{"a":1,"b":2,"signature":"SIG"}"#, isValid: false),
        Body(
            testDescription: "the member's name in escapes", signed: #"{"a":1}"#,
            sent: #"{"a":1,"\u0073ignature":"SIG"}"#),
    ]

    @Test(arguments: bodies) func isOverTheFieldsInTheOrderSent(_ body: Body) throws {
        let keys = try VendorKeys.generate()
        let secret = NocoDBSecret(of: "ins_1", isBound: true, keys)
        let signature = NocoDBTestClient.signature(
            Array(body.signed.utf8), secret.text.reveal())
        let sent = Array(body.sent.replacing("SIG", with: signature).utf8)
        let fields = try parseJSON(sent)
        #expect(secret.isValid(signature, body: sent, fields: fields) == body.isValid)
        let other = NocoDBSecret(of: "ins_2", isBound: true, keys)
        #expect(!other.isValid(signature, body: sent, fields: fields))
    }
}
