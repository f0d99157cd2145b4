import Diagnostics
import HTTPTypes

/// A form with a file in it (RFC 7578), as far as browsers send one: every part has a name, its
/// content is text.
enum MultipartForm {
    private static let lineEnd: [UInt8] = [13, 10]
    private static let headEnd: [UInt8] = [13, 10, 13, 10]

    /// The boundary that a `Content-Type` names.
    static func boundary(in type: String) -> String? {
        guard let range = type.firstRange(of: "boundary=") else { return nil }
        var boundary = type[range.upperBound...].prefix { $0 != ";" }
        if boundary.hasPrefix("\"") { boundary = boundary.dropFirst().prefix { $0 != "\"" } }
        return (1...70).contains(boundary.utf8.count) ? String(boundary) : nil
    }

    /// The fields by name.
    ///
    /// - Throws: `agent.request-malformed` for what is cut off, is no text, or has a name twice
    static func fields(_ body: [UInt8], boundary: String) throws(AgentError) -> [String: String] {
        let delimiter = lineEnd + Array("--\(boundary)".utf8)
        // The first delimiter has no line before it.
        var rest = (lineEnd + body)[...]
        guard let first = rest.firstRange(of: delimiter) else { throw malformed }
        rest = rest[first.upperBound...]
        var fields: [String: String] = [:]
        while rest.starts(with: lineEnd) {
            rest = rest.dropFirst(2)
            guard let head = rest.firstRange(of: headEnd),
                let end = rest[head.upperBound...].firstRange(of: delimiter),
                let name = name(in: rest[..<head.lowerBound]), fields[name] == nil,
                let value = String(
                    validating: rest[head.upperBound..<end.lowerBound], as: UTF8.self)
            else { throw malformed }
            fields[name] = value
            rest = rest[end.upperBound...]
        }
        guard rest.starts(with: Array("--".utf8)) else { throw malformed }
        return fields
    }

    /// The field's name in a part's head.
    private static func name(in head: ArraySlice<UInt8>) -> String? {
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
        guard
            let line = lines.first(where: { $0.lowercased().hasPrefix("content-disposition:") }),
            let start = line.firstRange(of: " name=\"")?.upperBound
        else { return nil }
        let name = line[start...].prefix { $0 != "\"" }
        return name.isEmpty ? nil : String(name)
    }

    private static var malformed: AgentError {
        AgentError(
            .agentRequest, "The form with a file in it is cut off or cannot be read.",
            status: .badRequest)
    }
}
