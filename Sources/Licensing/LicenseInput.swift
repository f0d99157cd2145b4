/// What somebody pasted where a license is asked for: a key, or an offline license's token.
package enum LicenseInput: Sendable {
    case key(LicenseKey)
    case token(UnverifiedLicenseToken)

    /// Recognizes a token by how each of ours begins, and takes all else for a key.
    ///
    /// - Throws: ``LicenseError`` with code `license.key-format` or `license.token-format`.
    package init(_ text: String) throws(LicenseError) {
        let pasted = text.trimmed
        self =
            if pasted.hasPrefix("eyJ") {
                .token(try UnverifiedLicenseToken(pasted))
            } else {
                .key(try LicenseKey(pasted))
            }
    }
}

extension String {
    /// The text without the white space that copying leaves around it.
    var trimmed: String {
        let start = drop(while: \.isWhitespace)
        return String(start.reversed().drop(while: \.isWhitespace).reversed())
    }
}
