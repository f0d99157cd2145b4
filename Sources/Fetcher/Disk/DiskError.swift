package import Diagnostics
package import SystemPackage

/// What went wrong with the local disk or the lock.
package struct DiskError: Failure {
    package let code: FailureCode
    package let message: String
    package let specificRemedy: String?
    package let cause: (any Error)?

    package init(
        _ code: FailureCode, _ message: String, remedy: String? = nil, cause: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.specificRemedy = remedy
        self.cause = cause
    }

    /// The one place that turns a failed system call into a code and a sentence.
    ///
    /// - Parameters:
    ///   - errno: What the call left behind.
    ///   - action: What was being done, as an infinitive: `write`, `rename`.
    ///   - path: The path that it was done to.
    package init(_ errno: Errno, _ action: String, _ path: FilePath) {
        let code: FailureCode =
            switch errno {
            case .noSpace, .diskQuotaExceeded: .diskFull
            case .readOnlyFileSystem: .diskReadOnly
            case .permissionDenied, .notPermitted: .diskPermission
            case .improperLink: .diskCrossDevice
            case .notDirectory, .isDirectory, .tooManySymbolicLinkLevels: .diskUnexpectedFile
            default: .diskIO
            }
        self.init(code, "Could not \(action) \(path): \(errno.description).", cause: errno)
    }
}
