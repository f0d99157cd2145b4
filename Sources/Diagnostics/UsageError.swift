/// A flag, a variable or a line of a settings file that cannot be used.
package struct UsageError: Failure {
    package let code: FailureCode
    package let message: String
    package let specificRemedy: String?
    package let cause: (any Error)?

    package init(
        _ message: String, code: FailureCode = .usage, remedy: String? = nil,
        cause: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.specificRemedy = remedy
        self.cause = cause
    }
}
