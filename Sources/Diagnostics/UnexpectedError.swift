/// An error that no rule foresees.
package struct UnexpectedError: Failure {
    package let code: FailureCode = .unexpected
    package let message: String
    package let cause: (any Error)?

    package init(cause: any Error) {
        message = "An error of type \(type(of: cause)) was not foreseen: \(cause)"
        self.cause = cause
    }
}

/// The error itself when it has a code, else as one that no rule foresees.
package func anyFailure(_ error: any Error) -> any Failure {
    error as? any Failure ?? UnexpectedError(cause: error)
}
