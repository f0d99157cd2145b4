import CanonicalJSON
import Cryptography
import Diagnostics

/// The secret of a NocoDB installation, as text: its UTF-8 bytes are the HMAC's key.
struct NocoDBSecret {
    let text: Secret<String>

    /// Derived from the ID, so that the database holds none; another one than version 1 would have
    /// for this ID, so that neither protocol's signatures count in the other.
    init(of installationID: String, isBound: Bool, _ keys: VendorKeys) {
        let secret = keys.installationSecret("nocodb:\(installationID)")
        // What NocoDB's client looks for to compare the token's instance with its own.
        text = Secret((isBound ? "fp:" : "") + Hex.encode(secret.reveal()))
    }

    /// Whether a body is signed with this secret.
    ///
    /// The signature is over the body's fields in the order sent, without `signature`, as JSON. The
    /// client writes that with `JSON.stringify`, which is what it sends but for the one member; so the
    /// text of the body counts, and so does what `JSON.stringify` makes of it when white space or
    /// escapes were added on the way.
    ///
    /// - Parameters:
    ///   - signature: hexadecimal digits
    ///   - body: the raw body, which `fields` was read from
    ///   - fields: its members
    /// - Returns: true when it is; compared in constant time
    func isValid(_ signature: String, body: [UInt8], fields: JSONValue) -> Bool {
        guard let code = Hex.decode(signature) else { return false }
        var others = fields.object ?? [:]
        others["signature"] = nil
        let key = Secret(Array(text.reveal().utf8))
        let codes = [textWithoutSignature(body), JSONValue.object(others).compactBytes].map {
            HMAC.sha256(key: key, message: $0)
        }
        return codes.map { constantTimeEqual(code, $0) }.contains(true)
    }
}

/// The text of a JSON object without white space between its parts and without `signature`.
///
/// Numbers and strings stay as they are spelled.
private func textWithoutSignature(_ object: [UInt8]) -> [UInt8] {
    var members: [[UInt8]] = [[]]
    var depth = 0
    var isInString = false
    var isEscaped = false
    for byte in object {
        if isInString {
            if byte == UInt8(ascii: "\""), !isEscaped { isInString = false }
            isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
        } else {
            switch byte {
            case 0x20, 0x0A, 0x0D, 0x09: continue
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                if depth == 1 { continue }
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 0 { continue }
            case UInt8(ascii: ",") where depth == 1:
                members.append([])
                continue
            default: break
            }
        }
        members[members.count - 1].append(byte)
    }
    let kept = members.filter { !$0.starts(with: Array(#""signature":"#.utf8)) }
    return [UInt8(ascii: "{")] + kept.joined(separator: [UInt8(ascii: ",")])
        + [UInt8(ascii: "}")]
}
