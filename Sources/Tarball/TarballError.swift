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

    /// What a failed system call means.
    ///
    /// - Parameters:
    ///   - operation: The sentence's beginning, with what was to be done: `create "lib/a.js"`.
    ///   - errno: What the call left.
    init(_ operation: String, failedWith errno: Errno) {
        self.init(.disk(errno.rawValue), "Could not \(operation).", cause: errno)
    }
}
