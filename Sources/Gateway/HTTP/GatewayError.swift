package import CanonicalJSON
package import Diagnostics
package import HTTPTypes

/// A refusal that knows the response it becomes.
package struct GatewayError: Failure {
    package let status: HTTPResponse.Status
    package let code: FailureCode
    package let message: String
    package let specificRemedy: String?
    package let cause: (any Error)?
    /// More members of the problem document, such as `reason`.
    package let reason: String?
    /// What the clients of another protocol look for in the document.
    package let foreignMembers: JSONObject
    /// More headers of the response, such as `Allow`.
    package let headers: HTTPFields

    package init(
        _ status: HTTPResponse.Status, _ code: FailureCode, _ message: String,
        remedy: String? = nil, reason: String? = nil, headers: HTTPFields = [:],
        foreignMembers: JSONObject = [:], cause: (any Error)? = nil
    ) {
        self.status = status
        self.code = code
        self.message = message
        specificRemedy = remedy
        self.reason = reason
        self.headers = headers
        self.foreignMembers = foreignMembers
        self.cause = cause
    }
}
