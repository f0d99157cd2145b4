import Cryptography
import FoundationEssentials

/// Secrets that a test plants, to look for them afterwards in everything that was written.
struct PlantedSecrets {
    /// By the place in which each was planted.
    private(set) var all: [String: String] = [:]

    /// A new password, with characters that addresses have to escape.
    mutating func password(_ place: String) -> String {
        plant("pw/\(Int.random(in: 100_000_000...999_999_999))@:s", place)
    }

    /// A new license key, whole by its checksum or not.
    mutating func key(_ place: String) -> String {
        let characters = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
        let random = String((0..<26).map { _ in characters.randomElement() ?? "0" })
        return plant("tg_\(random)", place)
    }

    mutating func plant(_ secret: String, _ place: String) -> String {
        all[place] = secret
        return secret
    }

    /// Where a secret is found in the text, in whatever form; none when it is clean.
    func leaks(into text: String) -> [String] {
        let lower = text.lowercased()
        return all.compactMap { place, secret in
            let form = Self.forms(of: secret).first {
                text.contains($0) || lower.contains($0.lowercased()) && $0.count > 12
            }
            return form.map { "\(place) as \($0)" }
        }.sorted()
    }

    /// Plain, without its prefix, percent-encoded, and in base64 behind nothing, one byte, two.
    static func forms(of secret: String) -> [String] {
        var forms = [secret, escaped(secret)]
        if secret.hasPrefix("tg_") { forms.append(String(secret.dropFirst(3).prefix(12))) }
        for offset in 0..<3 {
            let bytes = [UInt8](repeating: 0x2E, count: offset) + Array(secret.utf8)
            let first = (offset * 8 + 5) / 6
            forms.append(String(Base64.encode(bytes).prefix(bytes.count * 8 / 6).dropFirst(first)))
        }
        return forms
    }

    /// As a password stands in an address.
    static func escaped(_ secret: String) -> String {
        secret.utf8.map { byte in
            let character = Character(Unicode.Scalar(byte))
            let isPlain = character.isLetter || character.isNumber || "-._~".contains(character)
            return isPlain ? String(character) : "%\(Hex.encode([byte]).uppercased())"
        }.joined()
    }
}
