package import Diagnostics
package import SystemPackage

/// What went wrong with the local disk or the lock.
package struct DiskError: Failure {
    package let code: FailureCode
    package let message: String
    package let specificRemedy: String?
    package let cause: (any Error)?
    /// Whether what was changed is visible, but may not survive a power failure.
    let isOfFlush: Bool

    package init(
        _ code: FailureCode, _ message: String, remedy: String? = nil, cause: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.specificRemedy = remedy
        self.cause = cause
        isOfFlush = false
    }

    /// A failed system call as a code and a sentence.
    ///
    /// - Parameters:
    ///   - errno: What the call left behind.
    ///   - action: What was being done, as an infinitive: `write`, `rename`.
    ///   - path: The path that it was done to.
    package init(_ errno: Errno, _ action: String, _ path: FilePath) {
        self.init(errno, action, path, isOfFlush: false)
    }

    /// The same of fsync(2) or syncfs(2) of a folder, or of another call.
    init(_ errno: Errno, _ action: String, _ path: FilePath, isOfFlush: Bool) {
        code = FailureCode.disk(errno.rawValue)
        message = "Could not \(action) \(path): \(errno.description)."
        specificRemedy = nil
        cause = errno
        self.isOfFlush = isOfFlush
    }
}
