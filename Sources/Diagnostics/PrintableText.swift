// What comes from outside is shown in messages, reports and logs. There it must neither steer a
// terminal nor begin a line of its own nor look like other text than it is.

/// The text with what is unprintable in it written as an escape: `\u{1B}`.
///
/// - Parameters:
///   - text: any text from outside
///   - limit: how many Unicode scalars of it are shown; `…` stands for the rest
/// - Returns: one line of printable text.
package func printable(_ text: some StringProtocol, limit: Int = .max) -> String {
    escaped(text, limit: limit, alsoEscaping: [])
}

/// The text in quotes, with what is unprintable, and quotes and backslashes, written as escapes.
///
/// - Parameters:
///   - text: any text from outside, such as a path in an archive
///   - limit: how many Unicode scalars of it are shown; `…` stands for the rest
/// - Returns: one line of printable text that says where it begins and ends.
package func quoted(_ text: some StringProtocol, limit: Int = 160) -> String {
    "\"\(escaped(text, limit: limit, alsoEscaping: ["\"", "\\"]))\""
}

private func escaped(
    _ text: some StringProtocol, limit: Int, alsoEscaping others: [Unicode.Scalar]
) -> String {
    var result = ""
    var count = 0
    for scalar in text.unicodeScalars {
        guard count < limit else { return result + "…" }
        count += 1
        if others.contains(scalar) {
            result += "\\"
            result.unicodeScalars.append(scalar)
        } else if scalar.isUnprintable {
            result += scalar.escaped(asASCII: true)
        } else {
            result.unicodeScalars.append(scalar)
        }
    }
    return result
}

extension Unicode.Scalar {
    /// Whether it is a control character (C0, DEL, C1), a line or paragraph separator, or one of
    /// those that turn the direction of the text around it (Unicode's `Bidi_Control`): what makes a
    /// terminal or a report show something else than what is there.
    package var isUnprintable: Bool {
        switch value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069, 0x200E, 0x200F, 0x061C: true
        default: false
        }
    }
}
