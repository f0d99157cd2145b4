/// A flag, a variable or a line of a settings file that cannot be used.
package struct UsageError: Failure {
    package let code: FailureCode = .usage
    package let message: String
    package let specificRemedy: String?
    package let cause: (any Error)?

    package init(_ message: String, remedy: String? = nil, cause: (any Error)? = nil) {
        self.message = message
        self.specificRemedy = remedy
        self.cause = cause
    }
}
