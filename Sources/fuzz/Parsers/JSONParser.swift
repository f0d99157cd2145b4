import CanonicalJSON

/// JSON: what is printed, readably, compactly or canonically, reads as the same value.
struct JSONParser: FuzzedParser {
    let name = "json"
    let dictionary = JSONWords.all

    func parse(_ input: [UInt8]) throws -> String {
        do {
            let value = try parseJSON(input)
            for bytes in [value.compactBytes, value.prettyBytes] {
                let again = try parseJSON(bytes)
                try Violation.unless(again == value, "it prints as another value")
            }
            let canonical = try value.canonicalBytes()
            let again = try parseJSON(canonical).canonicalBytes()
            try Violation.unless(again == canonical, "the canonical form has another one")
            return "value"
        } catch let error as JSONError {
            return "\(error.reason)"
        }
    }
}

/// What JSON is made of.
enum JSONWords {
    static let all = [
        "{", "}", "[", "]", "\"", ":", ",", "null", "true", "false", "-", ".", "e", "\\", "\\u",
        "\\ud800", "\\udc00", "\\u0000", "1.0", "1e5", "-0", "[[[[[[[[[[[[[[[[", "\u{FEFF}",
    ]
}
