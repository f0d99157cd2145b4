// Types that cannot hold a secret keep it out of what is printed. This is the net below them: people
// paste a license key where a version belongs, write a password into an address, and a server may
// repeat in an error what it was sent.

/// The text with what looks like a license key, a token, or a user name and password in an address
/// replaced by `•••`.
package func maskingSecrets(_ text: String) -> String {
    let bytes = Array(text.utf8)
    guard let first = bytes.indices.first(where: { secret(in: bytes, at: $0) != nil }) else {
        return text
    }
    var result = Array(bytes[..<first])
    var index = first
    while index < bytes.count {
        guard let (kept, end) = secret(in: bytes, at: index) else {
            result.append(bytes[index])
            index += 1
            continue
        }
        result += bytes[index..<kept] + Array("•••".utf8)
        index = end
    }
    return String(decoding: result, as: UTF8.self)
}

/// Where a secret's visible beginning and the secret itself end, when one begins here.
private func secret(in bytes: [UInt8], at start: Int) -> (kept: Int, end: Int)? {
    switch bytes[start] {
    case UInt8(ascii: "t"), UInt8(ascii: "T"): licenseKey(in: bytes, at: start)
    case UInt8(ascii: "e"): token(in: bytes, at: start)
    case UInt8(ascii: ":"): credentials(in: bytes, at: start)
    default: nil
    }
}

/// `tg_` or `tg_ag_` and at least eight letters and digits: half a key is enough to find the rest.
private func licenseKey(in bytes: [UInt8], at start: Int) -> (kept: Int, end: Int)? {
    guard matches("tg_", in: bytes, at: start) else { return nil }
    let kept = start + (matches("tg_ag_", in: bytes, at: start) ? 6 : 3)
    let end = bytes[kept...].firstIndex { !isAlphanumeric($0) } ?? bytes.count
    return end - kept >= 8 ? (kept, end) : nil
}

/// `eyJ`, as the base64url of every JSON object begins, and what may stand in a token behind it.
private func token(in bytes: [UInt8], at start: Int) -> (kept: Int, end: Int)? {
    guard bytes[start...].starts(with: "eyJ".utf8) else { return nil }
    let end =
        bytes[start...].firstIndex { !isAlphanumeric($0) && !Array("-_.=".utf8).contains($0) }
        ?? bytes.count
    return end - start >= 12 ? (start + 3, end) : nil
}

/// What stands between `://` and the last `@` of the word.
///
/// Also behind a slash, since nobody escaped that password; but for a path's `/@acme`.
private func credentials(in bytes: [UInt8], at start: Int) -> (kept: Int, end: Int)? {
    guard bytes[start...].starts(with: "://".utf8) else { return nil }
    let kept = start + 3
    let stop = bytes[kept...].firstIndex { $0 <= 0x20 || Array("\"'<>".utf8).contains($0) }
    let word = bytes[kept..<(stop ?? bytes.count)]
    let at = word.indices.last { index in
        bytes[index] == UInt8(ascii: "@") && bytes[index - 1] != UInt8(ascii: "/")
    }
    guard let at else { return nil }
    // Masked before.
    return bytes[kept..<at].elementsEqual("•••".utf8) ? nil : (kept, at)
}

private func matches(_ word: String, in bytes: [UInt8], at start: Int) -> Bool {
    let word = Array(word.utf8)
    guard bytes.count - start >= word.count else { return false }
    return zip(bytes[start...], word).allSatisfy { $0 | (isAlphanumeric($0) ? 0x20 : 0) == $1 }
}

private func isAlphanumeric(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
}
