import HTTPTransfer
import SignedMetadata

/// Metadata from a folder of a web server.
struct HTTPMetadataTransport: MetadataTransport {
    /// The folder's URL, with or without a slash at the end.
    let base: String
    let http: HTTPClient

    func fetch(_ file: String, maximumLength: Int) async throws -> [UInt8]? {
        // 403 is how object stores say that there is no such file to those who may not list them.
        let response = try await http.send(
            HTTPRequest(
                "GET", joined(base, file), maximumBodyBytes: maximumLength,
                acceptedStatuses: [403, 404]))
        return response.status == 403 || response.status == 404 ? nil : response.body
    }
}

/// The URL of a path below a folder's URL.
func joined(_ base: String, _ path: String) -> String {
    base.hasSuffix("/") ? base + path : "\(base)/\(path)"
}
