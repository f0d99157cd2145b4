package import Diagnostics

/// Why a license key, a token or what belongs to them is refused.
package struct LicenseError: Failure {
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
}
