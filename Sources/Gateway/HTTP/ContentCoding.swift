/// Whether the header `Accept-Encoding` takes gzip (RFC 9110, section 12.5.3).
///
/// What names gzip counts before `*`, and a weight of zero refuses. Without the header everything may
/// be sent, but those who do not ask seldom know what to do with it; so they get the plain bytes.
func acceptsGzip(_ header: String?) -> Bool {
    guard let header else { return false }
    var byStar = false
    for element in header.utf8.split(separator: UInt8(ascii: ",")) {
        let parts = element.split(
            separator: UInt8(ascii: ";"), maxSplits: 1, omittingEmptySubsequences: false)
        let name = parts[0].trimmed
        let isRefused = parts.count > 1 && isZeroWeight(parts[1].trimmed)
        if name.isWord("gzip") || name.isWord("x-gzip") { return !isRefused }
        if name.isWord("*") { byStar = !isRefused }
    }
    return byStar
}

/// Whether it is `q=0`, `q=0.0` and so on; what is malformed is no weight, and refuses nothing.
private func isZeroWeight(_ text: Substring.UTF8View) -> Bool {
    guard let first = text.first, first | 0x20 == UInt8(ascii: "q") else { return false }
    let value = text.dropFirst().trimmed
    guard value.first == UInt8(ascii: "=") else { return false }
    let digits = value.dropFirst().trimmed
    return !digits.isEmpty
        && digits.allSatisfy { $0 == UInt8(ascii: "0") || $0 == UInt8(ascii: ".") }
}

extension Substring.UTF8View {
    /// Without spaces and tabs at both ends.
    fileprivate var trimmed: Self {
        var text = self
        while let first = text.first, first == 0x20 || first == 0x09 { text.removeFirst() }
        while let last = text.last, last == 0x20 || last == 0x09 { text.removeLast() }
        return text
    }

    /// Whether it is the word, in whatever case.
    fileprivate func isWord(_ word: StaticString) -> Bool {
        count == word.utf8CodeUnitCount
            && word.withUTF8Buffer { letters in
                zip(self, letters).allSatisfy { byte, letter in
                    byte == letter
                        || byte | 0x20 == letter
                            && (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(letter)
                }
            }
    }
}
