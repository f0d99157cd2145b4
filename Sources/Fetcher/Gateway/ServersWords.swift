import Diagnostics

/// What a server says, as it may be shown: in one line, and without what it repeats of the secrets
/// that it was sent.
///
/// - Parameters:
///   - text: a server's own words
///   - limit: how many Unicode scalars of them are shown
/// - Returns: the words with keys, tokens and credentials masked
func serversWords(_ text: String, limit: Int) -> String {
    var words = printable(text, limit: limit).split(
        separator: " ", omittingEmptySubsequences: false
    ).map(String.init)
    for index in words.indices.dropFirst()
    where ["basic", "bearer"].contains(words[index - 1].lowercased()) {
        words[index] = "•••"
    }
    return maskingSecrets(words.joined(separator: " "))
}
