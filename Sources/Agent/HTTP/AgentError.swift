package import Diagnostics
package import HTTPTypes

/// What the agent refuses or cannot do, and the status that it is on the wire.
package struct AgentError: Failure {
    package let code: FailureCode
    package let message: String
    package let specificRemedy: String?
    package let cause: (any Error)?
    package let status: HTTPResponse.Status

    package init(
        _ code: FailureCode, _ message: String, remedy: String? = nil,
        status: HTTPResponse.Status = .internalServerError, cause: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        specificRemedy = remedy
        self.status = status
        self.cause = cause
    }
}
