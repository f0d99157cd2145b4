import CanonicalJSON
import Diagnostics
import HTTPTypes
import Hummingbird
import Packages
import Storage
import Tarball

/// `npm audit`: the vendor's advisories about what somebody has installed.
struct AuditRoutes: Sendable {
    let vendor: Vendor

    /// npm compresses; a tree of many thousand packages fits.
    private static let maximumBody = 4 << 20
    private static let maximumInflated = 32 << 20

    /// `POST /-/npm/v1/security/advisories/bulk`: `{"NAME":["VERSION",…],…}`, maybe as gzip.
    ///
    /// Of packages that are not ours nothing is said, nor of plugins that the asker may not know.
    @Sendable func bulk(
        _ request: Request, _ context: GatewayRequestContext
    ) async throws -> Response {
        let credentials = try await vendor.credentials(request, context)
        let asked = try await asked(request)
        let access = try await vendor.releaseAccess()
        var answer: JSONObject = [:]
        for (number, advisory) in try await vendor.records.advisories.current() {
            let name = advisory.plugin.description
            guard let versions = asked[name],
                access.mayKnow(advisory.plugin, credentials.asker),
                versions.contains(where: {
                    advisory.vulnerable.contains($0, includingPrereleases: true)
                })
            else { continue }
            answer[name] = .array((answer[name]?.array ?? []) + [advisory.json(number: number)])
        }
        return .json(.object(answer))
    }

    private func asked(_ request: Request) async throws -> [String: [SemanticVersion]] {
        var body = try await request.bytes(upTo: Self.maximumBody)
        do {
            if request.headers[.contentEncoding]?.lowercased() == "gzip" {
                body = try await onBlockingThread { [body] in
                    try gunzipped(body, maximumLength: Self.maximumInflated)
                }
            }
            var asked: [String: [SemanticVersion]] = [:]
            for (name, versions) in try JSONReader(parseJSON(body)).members() {
                // A version that is none of SemVer's is none of ours.
                asked[name] = try versions.strings().compactMap { try? SemanticVersion($0) }
            }
            return asked
        } catch {
            throw GatewayError(
                .badRequest, .requestMalformed,
                "The body is not a JSON object of names and versions: \(error).")
        }
    }
}

extension Advisory {
    /// As npm reads it.
    fileprivate func json(number: Int64) -> JSONValue {
        [
            "id": .integer(number), "url": .string(url), "title": .string(title),
            "severity": .string(severity.rawValue),
            "vulnerable_versions": .string(vulnerable.text), "cwe": [],
            "cvss": ["score": 0, "vectorString": nil],
        ]
    }
}
