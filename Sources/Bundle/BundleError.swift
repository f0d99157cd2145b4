package import Diagnostics
import SystemPackage

/// Why a bundle is refused, or could not be read or written.
package struct BundleError: Failure {
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

    /// A system call on a file that a person named failed, as a code and a sentence.
    ///
    /// - Parameters:
    ///   - action: what was being done, as an infinitive
    ///   - path: what it was done to
    ///   - error: what the call left, or another error
    ///   - isOutput: whether the file was to be made
    init(_ action: String, _ path: FilePath, _ error: any Error, isOutput: Bool = false) {
        guard let errno = error as? Errno else {
            let failure = error as? any Failure
            self.init(
                failure?.code ?? .diskIO, "Could not \(action) \(quoted(path.string)).",
                cause: error)
            return
        }
        self.init(
            .namedPath(errno.rawValue),
            "Could not \(action) \(quoted(path.string)): \(errno.description).",
            remedy: isOutput ? FailureCode.remedyForOutput(errno.rawValue) : nil, cause: errno)
    }
}
