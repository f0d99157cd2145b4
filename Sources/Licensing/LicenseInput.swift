package import Diagnostics

/// What a customer pastes: a license key, or the token of an offline license.
package enum LicenseInput: Sendable {
    case key(LicenseKey)
    case token(UnverifiedLicenseToken)

    /// One key or token; space around it does not matter.
    ///
    /// - Throws: ``LicenseError`` with code `license.key-format` or `license.token-format`.
    package init(_ text: Secret<String>) throws(LicenseError) {
        let pasted = text.reveal().trimmed
        // Every token begins so: base64url of `{"`.
        if pasted.hasPrefix("eyJ") {
            self = .token(try UnverifiedLicenseToken(pasted))
        } else {
            self = .key(try LicenseKey(pasted))
        }
    }

    /// The text of a file with a key or token, as editors of several systems write it.
    package static func text(ofFile bytes: [UInt8]) -> Secret<String> {
        Secret(String(decoding: utf8(ofFile: bytes), as: UTF8.self))
    }

    /// Several, with white space or commas between them; the same one counts once.
    ///
    /// - Throws: as ``init(_:)``, also when there is none.
    package static func list(_ text: Secret<String>) throws(LicenseError) -> [LicenseInput] {
        let parts = text.reveal().split { $0.isWhitespace || $0 == "," }
        var seen: Set<Substring> = []
        var inputs: [LicenseInput] = []
        for part in parts where seen.insert(part).inserted {
            inputs.append(try LicenseInput(Secret(String(part))))
        }
        return inputs.isEmpty ? [try LicenseInput(text)] : inputs
    }
}
