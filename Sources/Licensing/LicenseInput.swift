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

    /// The text of a file with a key or token, as editors of several systems write it: UTF-8, or
    /// UTF-16 with a byte order mark, which is no part of it.
    package static func text(ofFile bytes: [UInt8]) -> Secret<String> {
        func units(_ high: Int, _ low: Int) -> [UInt16] {
            stride(from: 2, to: bytes.count - 1, by: 2).map {
                UInt16(bytes[$0 + high]) << 8 | UInt16(bytes[$0 + low])
            }
        }
        return switch bytes.prefix(2) {
        case [0xFF, 0xFE]: Secret(String(decoding: units(1, 0), as: UTF16.self))
        case [0xFE, 0xFF]: Secret(String(decoding: units(0, 1), as: UTF16.self))
        default:
            Secret(String(decoding: bytes.trimmingPrefix([0xEF, 0xBB, 0xBF]), as: UTF8.self))
        }
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
