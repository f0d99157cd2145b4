package import Diagnostics
import SystemPackage

/// Why a tarball was refused, or why its content could not be written.
///
/// The codes are those of `FailureCode+Archive.swift`, `trust.length` and `trust.hash` from
/// verifying, and `disk.*` from writing.
package struct TarballError: Failure {
    package let code: FailureCode
    package let message: String
    package let cause: (any Error)?

    init(_ code: FailureCode, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// What a failed system call means: the one place that turns `errno` into a code.
    ///
    /// - Parameters:
    ///   - operation: The sentence's beginning, with what was to be done: `create "lib/a.js"`.
    ///   - errno: What the call left.
    init(_ operation: String, failedWith errno: Errno) {
        let code: FailureCode =
            switch errno {
            case .noSpace, .diskQuotaExceeded: .diskFull
            case .readOnlyFileSystem: .diskReadOnly
            case .permissionDenied, .notPermitted: .diskPermission
            case .fileExists, .notDirectory, .tooManySymbolicLinkLevels, .isDirectory:
                .diskUnexpectedFile
            default: .diskIO
            }
        self.init(code, "Could not \(operation).", cause: errno)
    }
}

/// A path out of an archive in quotes, fit for a terminal: what could steer one is escaped, and what
/// is too long is cut.
func quoted(_ path: some StringProtocol) -> String {
    var text = "\""
    for scalar in path.unicodeScalars.prefix(160) {
        if scalar == "\"" || scalar == "\\" {
            text += "\\"
            text.unicodeScalars.append(scalar)
        } else if scalar.isUnprintable {
            text += scalar.escaped(asASCII: true)
        } else {
            text.unicodeScalars.append(scalar)
        }
    }
    return path.unicodeScalars.count > 160 ? text + "…\"" : text + "\""
}

extension Unicode.Scalar {
    /// Whether it is a control character (C0, DEL, C1), a line or paragraph separator, or one of
    /// those that turn the direction of the text around it (Unicode's `Bidi_Control`): what makes a
    /// terminal or a report show something else than what is there.
    var isUnprintable: Bool {
        switch value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069, 0x200E, 0x200F, 0x061C: true
        default: false
        }
    }
}
