import Diagnostics
import Hummingbird
import NIOCore

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
            values = try Self.decode(body)
        } else {
            throw AgentError(
                .agentRequest, "The body is no form that was posted.",
                status: .unsupportedMediaType)
        }
    }

    /// The value of a field; empty when the form has none.
    subscript(name: String) -> String { values[name] ?? "" }

    /// `a=1&b=x%20y` (WHATWG URL, application/x-www-form-urlencoded).
    static func decode(_ body: [UInt8]) throws(AgentError) -> [String: String] {
        var values: [String: String] = [:]
        for field in body.split(separator: UInt8(ascii: "&")) {
            let parts = field.split(
                separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let texts = parts.map { decoded($0) }
            guard let name = texts.first ?? nil, let value = texts.count > 1 ? texts[1] : "",
                values[name] == nil
            else {
                throw AgentError(
                    .agentRequest, "The form has a field that cannot be read, or one twice.",
                    status: .badRequest)
            }
            values[name] = value
        }
        return values
    }

    private static func decoded(_ bytes: ArraySlice<UInt8>) -> String? {
        var result: [UInt8] = []
        var iterator = bytes.makeIterator()
        while let byte = iterator.next() {
            switch byte {
            case UInt8(ascii: "+"): result.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = iterator.next(), let low = iterator.next(),
                    let value = UInt8(String(decoding: [high, low], as: UTF8.self), radix: 16)
                else { return nil }
                result.append(value)
            default: result.append(byte)
            }
        }
        return String(validating: result, as: UTF8.self)
    }
}
