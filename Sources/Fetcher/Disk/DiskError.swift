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

    /// A failed system call as a code and a sentence.
    ///
    /// - Parameters:
    ///   - errno: What the call left behind.
    ///   - action: What was being done, as an infinitive: `write`, `rename`.
    ///   - path: The path that it was done to.
    package init(_ errno: Errno, _ action: String, _ path: FilePath) {
        self.init(
            FailureCode.disk(errno.rawValue), "Could not \(action) \(path): \(errno.description).",
            cause: errno)
    }
}
