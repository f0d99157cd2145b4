import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import SignedMetadata
import SystemPackage

/// Takes the secrets of this very installation out of bytes, whatever form they come in.
///
/// What goes into a support bundle is of types that hold no secret, or files that have none. This is
/// the last look: it knows the license keys, tokens, passwords and secrets that are set and saved
/// here, and finds them plain, percent-encoded, as hex and inside base64, wherever they begin in it.
struct SecretSweep {
    /// By their first four bytes.
    private let forms: [UInt32: [[UInt8]]]
    /// Whether one begins with the two bytes: asked at each place, and seldom so.
    private let begins: [Bool]
    private static let leastBytes = 4

    init(_ secrets: Set<String>) {
        var forms: [UInt32: [[UInt8]]] = [:]
        for form in Set(secrets.flatMap(Self.forms)) where form.count >= Self.leastBytes {
            forms[Self.word(form, at: 0), default: []].append(form)
        }
        // The longest first: a password may be the beginning of a key.
        self.forms = forms.mapValues { $0.sorted { $0.count > $1.count } }
        var begins = [Bool](repeating: false, count: 1 << 16)
        for word in forms.keys { begins[Int(word >> 16)] = true }
        self.begins = begins
    }

    /// The bytes with `•••` in the place of each secret.
    func cleaned(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        // What is before it is in the result.
        var taken = 0
        var index = 0
        while index + Self.leastBytes <= bytes.count {
            guard begins[Int(bytes[index]) << 8 | Int(bytes[index + 1])],
                let found = forms[Self.word(bytes, at: index)]?
                    .first(where: { bytes[index...].starts(with: $0) })
            else {
                index += 1
                continue
            }
            result += bytes[taken..<index]
            result += Array("•••".utf8)
            index += found.count
            taken = index
        }
        return result + bytes[taken...]
    }

    private static func word(_ bytes: [UInt8], at index: Int) -> UInt32 {
        bytes[index..<index + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }

    private static func forms(of secret: String) -> [[UInt8]] {
        guard secret.utf8.count >= leastBytes else { return [] }
        let plain = Array(secret.utf8)
        var texts = [secret, Hex.encode(plain), Hex.encode(plain).uppercased()]
        let escaped = encodedFileName(secret)
        texts += [escaped, escaped.lowercasingEscapes, escaped.replacing("%20", with: "+")]
        texts += [secret.lowercased(), secret.uppercased()]
        let quoted = String(decoding: JSONValue.string(secret).compactBytes, as: UTF8.self)
        texts.append(String(quoted.dropFirst().dropLast()))
        return texts.map { Array($0.utf8) } + (0..<3).flatMap { base64Forms(plain, offset: $0) }
    }

    /// The characters that stand for the secret alone when so many bytes come before it in a group
    /// of three: as the password in `Basic` credentials behind whatever name.
    private static func base64Forms(_ secret: [UInt8], offset: Int) -> [[UInt8]] {
        let bytes = [UInt8](repeating: 0, count: offset) + secret
        let first = (offset * 8 + 5) / 6
        let end = bytes.count * 8 / 6
        guard end - first >= leastBytes else { return [] }
        return [Base64.encode(bytes), Base64URL.encode(bytes)].map {
            Array(Array($0.utf8)[first..<end])
        }
    }
}

extension String {
    /// With `%2f` for `%2F`: both are written.
    fileprivate var lowercasingEscapes: String {
        var result = ""
        var left = 0
        for character in self {
            if character == "%" { left = 3 }
            result += left > 0 ? character.lowercased() : String(character)
            left -= 1
        }
        return result
    }
}
