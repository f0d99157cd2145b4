import Hummingbird

extension Request {
    /// The path for logs and answers: without what npm puts a secret into, and without tokens.
    var shownPath: String { shown(path: uri.path) }
}

/// The path without its secrets, cut where it is very long.
///
/// `npm logout`, `npm token revoke` and the waiting half of `npm login` have a token or a secret as the
/// last part of the address. The router ignores empty parts, `%xx` is decoded behind it, and somebody
/// may have the address wrong: so what stands behind the marks of those addresses is hidden wherever
/// they are, and whatever looks like a token besides.
func shown(path: String) -> String {
    guard mayHoldSecret(path) else { return String(path.prefix(512)) }
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    // What was written as %2F separates parts too, for whoever decodes it.
    let names = parts.enumerated().flatMap { number, part in
        let decoded = fullyDecoded(part)
        return decoded.split(separator: "/").map { (name: $0.lowercased(), part: number) }
    }
    let secret = names.indices.first { index in
        secretMarks.contains { mark in
            names[..<index].suffix(mark.count).map(\.name) == mark
        }
    }
    let end = secret.map { names[$0].part } ?? parts.count
    var shown = parts[..<end].map { looksSecret($0) ? hidden : String($0) }
    if secret != nil { shown.append(hidden) }
    return String(shown.joined(separator: "/").prefix(512))
}

/// Whether there is anything to look for: most paths, read once, have none of it.
///
/// Every mark below has `ok` or `og` in it and every secret `_` or `yJ`, unless their letters are written
/// as `%xx`; of those npm writes `/` and `@` only.
private func mayHoldSecret(_ path: String) -> Bool {
    var path = path
    return path.withUTF8 { bytes in
        for (index, byte) in bytes.enumerated() {
            let next = index + 1 < bytes.count ? bytes[index + 1] : 0
            switch byte {
            case UInt8(ascii: "_"): return true
            case UInt8(ascii: "y") where next == UInt8(ascii: "J"): return true
            case UInt8(ascii: "o"), UInt8(ascii: "O"):
                let letter = next | 0x20
                if letter == UInt8(ascii: "k") || letter == UInt8(ascii: "g") { return true }
            case UInt8(ascii: "%"):
                let last = index + 2 < bytes.count ? bytes[index + 2] | 0x20 : 0
                let isSlash = next == UInt8(ascii: "2") && last == UInt8(ascii: "f")
                let isAt = next == UInt8(ascii: "4") && last == UInt8(ascii: "0")
                guard isSlash || isAt else { return true }
            default: break
            }
        }
        return false
    }
}

private let hidden = "•••"

/// The parts behind which everything is secret.
private let secretMarks = [
    ["-", "user", "token"], ["npm", "v1", "tokens", "token"], ["v1", "login", "done"],
    ["-", "login"],
]

/// How our keys, tokens and secrets begin, in lower-case letters.
private let secretStarts = ["tg_", "tga_", "tgp_", "tgt_", "tgs_", "tas_"]

private func looksSecret(_ part: Substring) -> Bool {
    let decoded = fullyDecoded(part)
    let lowercased = decoded.lowercased()
    // The head of every JWT is Base64 of `{"`.
    return decoded.contains("eyJ") || secretStarts.contains { lowercased.contains($0) }
}

/// The text with `%xx` decoded, also where it was encoded several times; what is malformed stays.
private func fullyDecoded(_ part: Substring) -> String {
    var bytes = Array(part.utf8)
    for _ in 0..<4 where bytes.contains(UInt8(ascii: "%")) {
        var decoded: [UInt8] = []
        var rest = bytes[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let high = hexDigit(rest[rest.startIndex]),
                let low = hexDigit(rest[rest.startIndex + 1])
            {
                decoded.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                decoded.append(byte)
            }
        }
        bytes = decoded
    }
    return String(decoding: bytes, as: UTF8.self)
}
