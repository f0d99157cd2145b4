package import Diagnostics

/// Why the gateway's data folder or a record in it cannot be used.
package struct StorageError: Failure {
    package let code: FailureCode
    package let message: String
    package let specificRemedy: String?
    package let cause: (any Error)?

    package init(
        _ code: FailureCode, _ message: String, remedy: String? = nil, cause: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        specificRemedy = remedy
        self.cause = cause
    }
}
