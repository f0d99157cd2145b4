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
