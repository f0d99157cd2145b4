/// Why a text is not what was asked for.
package struct YAMLError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Counted from 1; nil for what concerns the whole text.
    package let line: Int?
    /// Half a sentence.
    package let reason: String

    init(_ reason: String, line: Int? = nil) {
        self.line = line
        self.reason = reason
    }

    package var description: String { line.map { "line \($0): \(reason)" } ?? reason }
}
