package import Diagnostics

/// Why a name, version, range, manifest, integrity or signature is not what it should be.
package struct PackageError: Failure {
    package let code: FailureCode
    package let message: String
    package let cause: (any Error)?

    package init(_ code: FailureCode, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }
}

extension PackageError {
    /// A text from outside, fit to be shown in a message: cut, and without control characters.
    static func shown(_ text: String) -> String {
        var shown = "\""
        for scalar in text.unicodeScalars.prefix(80) {
            let isPrintable = scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value)
            shown.unicodeScalars.append(isPrintable ? scalar : "\u{FFFD}")
        }
        return shown + (text.unicodeScalars.count > 80 ? "…\"" : "\"")
    }
}
