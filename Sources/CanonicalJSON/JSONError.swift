/// Why bytes are not the JSON that was asked for.
package struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Reason: String, Sendable {
        case unexpectedEnd = "the text ends too early"
        case unexpectedByte = "a character stands where none may"
        case invalidUTF8 = "the text is not UTF-8"
        case invalidEscape = "an escape in a string is not valid"
        case invalidNumber = "a number is not valid or out of range"
        case duplicateMember = "a member name occurs twice in one object"
        case tooDeep = "arrays and objects are nested too deeply"
        case trailingBytes = "bytes follow the value"
        case missingMember = "a member is missing"
        case wrongType = "a member has the wrong type"
        case invalidValue = "a member has a value that is not allowed"
        case fractionInCanonicalForm = "canonical JSON has no numbers with a fraction"
    }

    package let reason: Reason
    /// Where: `at byte 17` of the text, or `in signed.version` for a member.
    package let location: String

    package init(_ reason: Reason, location: String) {
        self.reason = reason
        self.location = location
    }

    package var description: String { "\(reason.rawValue) (\(location))" }
}
