import Diagnostics
import Licensing

/// License keys as somebody pastes them: a key is the same one in each of its spellings.
struct LicenseKeyParser: FuzzedParser {
    let name = "license-key"
    let dictionary = ["tg_", "tg_ag_", "TG_", " ", "\n", ",", "O", "I", "l", "U", "-", "\u{FEFF}"]

    func parse(_ input: [UInt8]) throws -> String {
        let text = LicenseInput.text(ofFile: input)
        do {
            let count = try LicenseInput.list(text).count
            guard case .key(let key) = try LicenseInput(text) else { return "token" }
            let again = try LicenseKey(key.text.reveal().lowercased())
            try Violation.unless(again == key, "a key in lower case is another one")
            try Violation.unless(
                !"\(key)".contains(key.text.reveal().suffix(20)), "a key is printed")
            return "key \(key.mode) \(count)"
        } catch let error as LicenseError {
            return error.code.name
        }
    }
}
