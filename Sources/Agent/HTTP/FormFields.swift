import Diagnostics
import Hummingbird
import NIOCore
import WebPage

/// The fields of a posted form, whose values may be secrets.
struct FormFields {
    private let values: [String: String]

    /// More than any key or token has.
    static let maximumBytes = 1 << 20

    /// Reads the body of a form in either of the two ways that browsers send one.
    ///
    /// - Throws: `agent.request-malformed`; 413 for a longer body
    init(_ request: Request) async throws {
        var request = request
        let type = request.headers[.contentType] ?? ""
        let body = Array(buffer: try await request.collectBody(upTo: Self.maximumBytes))
        if type.lowercased().hasPrefix("multipart/form-data"),
            let boundary = MultipartForm.boundary(in: type)
        {
            values = try MultipartForm.fields(body, boundary: boundary)
        } else if type.lowercased().hasPrefix("application/x-www-form-urlencoded") {
            guard let fields = FormEncoding.decode(body) else {
                throw AgentError(
                    .agentRequest, "The form has a field that cannot be read, or one twice.",
                    status: .badRequest)
            }
            values = fields
        } else {
            throw AgentError(
                .agentRequest, "The body is no form that was posted.",
                status: .unsupportedMediaType)
        }
    }

    /// The value of a field; empty when the form has none.
    subscript(name: String) -> String { values[name] ?? "" }
}
