import CanonicalJSON
package import Diagnostics
package import HTTPTransfer

/// A refusal that the gateway explained: the code, the sentence and the remedy of its
/// `application/problem+json` (RFC 9457).
package struct GatewayRefusal: Failure {
    package let code: FailureCode
    package let message: String
    package let specificRemedy: String?
    package let requestID: String?

    /// Of an answer with a status that is an error; nil when the gateway gave no code that is known.
    package init?(_ error: NetworkError) {
        guard let problem = try? JSONReader(parseJSON(error.body)),
            let name = try? problem["code"].string(), let code = FailureCode.named(name),
            let detail = try? problem["detail"].string()
        else { return nil }
        self.code = code
        message = Self.printable(detail)
        specificRemedy = (try? problem["remedy"].string()).map(Self.printable)
        requestID = error.requestID
    }

    /// The text without what could steer a terminal, cut at a length that a gateway of ours keeps to.
    private static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.prefix(2_000).filter { scalar in
                    scalar.properties.generalCategory != .control
                }))
    }
}
