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

    /// What npm sends of a tree with ten thousand packages is a tenth of this, before it compresses it.
    private static let maximumBody = 1 << 20
    private static let maximumInflated = 4 << 20

    /// `POST /-/npm/v1/security/advisories/bulk`: `{"NAME":["VERSION",…],…}`, maybe as gzip.
    ///
    /// Of packages that are not ours nothing is said, nor of plugins that the asker may not know.
    @Sendable func bulk(
        _ request: Request, _ context: GatewayRequestContext
    ) async throws -> Response {
        let credentials = try await vendor.credentials(request, context)
        let body = try await request.bytes(upTo: Self.maximumBody)
        let isCompressed = request.headers[.contentEncoding]?.lowercased() == "gzip"
        let access = try await vendor.releaseAccess()
        let advisories = try await vendor.records.advisories.current().filter {
            access.mayKnow($0.advisory.plugin, credentials.asker)
        }
        return .json(
            try await onBlockingThread { try Self.answer(body, isCompressed, advisories) })
    }

    /// Only names that something is to be said of have their versions read.
    private static func answer(
        _ body: [UInt8], _ isCompressed: Bool,
        _ advisories: [(number: Int64, advisory: Advisory)]
    ) throws -> JSONValue {
        let asked: JSONObject
        do {
            let text = isCompressed ? try gunzipped(body, maximumLength: maximumInflated) : body
            asked = try JSONReader(parseJSON(text)).object()
        } catch {
            throw GatewayError(
                .badRequest, .requestMalformed,
                "The body is not a JSON object of names and versions: \(error).")
        }
        var answer: JSONObject = [:]
        for (number, advisory) in advisories {
            let name = advisory.plugin.description
            // A version that is none of SemVer's is none of ours.
            let versions = (asked[name]?.array ?? []).prefix(1000)
                .compactMap { $0.string.flatMap { try? SemanticVersion($0) } }
            guard
                versions.contains(where: {
                    advisory.vulnerable.contains($0, includingPrereleases: true)
                })
            else { continue }
            answer[name] = .array((answer[name]?.array ?? []) + [advisory.json(number: number)])
        }
        return .object(answer)
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
