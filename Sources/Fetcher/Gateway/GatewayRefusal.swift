import CanonicalJSON
package import Diagnostics
package import HTTPTransfer

/// A refusal that the gateway explained in `application/problem+json` (RFC 9457).
///
/// Nobody signed it, so it may say what the license or the registry refuses and nothing else: never
/// that something failed verification. What to do about it is in our own words.
package struct GatewayRefusal: Failure {
    package let code: FailureCode
    package let message: String

    /// What the gateway said of an error, when it explained one; else the error itself.
    static func explaining(_ error: any Error) -> any Error {
        (error as? NetworkError).flatMap(GatewayRefusal.init) ?? error
    }

    /// Of an answer with a status that is an error; nil when the gateway gave no code that it may.
    package init?(_ error: NetworkError) {
        guard let problem = try? JSONReader(parseJSON(error.body)),
            let name = try? problem["code"].string(), let code = FailureCode.named(name),
            code.exitStatus != .verification, code.exitStatus != .unexpected,
            name.hasPrefix("license.") || name.hasPrefix("registry."),
            let detail = try? problem["detail"].string()
        else { return nil }
        self.code = code
        message = "The gateway says: \(serversWords(detail, limit: 1_000))"
    }
}
