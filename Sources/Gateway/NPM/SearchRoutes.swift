import CanonicalJSON
import Diagnostics
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Packages
import Storage
import WebPage

/// `npm search`: the plugins that the asker may have.
struct SearchRoutes: Sendable {
    let vendor: Vendor

    private static let maximumSize = 250

    /// `GET /-/v1/search?text=…&size=…&from=…`.
    @Sendable func search(
        _ request: Request, _ context: GatewayRequestContext
    ) async throws -> Response {
        let credentials = try await vendor.credentials(request, context)
        // npm writes a space as “+”, as forms do.
        guard let query = FormEncoding.decode(Array((request.uri.query ?? "").utf8)) else {
            throw GatewayError(
                .badRequest, .requestMalformed, "The query is not encoded as a form's.")
        }
        let words = (query["text"] ?? "").lowercased().split(separator: " ")
        let size = query["size"].flatMap { Int($0) } ?? 20
        let first = query["from"].flatMap { Int($0) } ?? 0
        guard (0...Self.maximumSize).contains(size), first >= 0 else {
            throw GatewayError(
                .badRequest, .requestMalformed,
                "`size` is 0 to \(Self.maximumSize), and `from` is not negative.")
        }
        var found: [JSONValue] = []
        for name in try await vendor.knownPlugins(to: credentials.asker) {
            guard let hit = try await hit(name, words, credentials.asker) else { continue }
            found.append(hit)
        }
        let page = found.dropFirst(first).prefix(size)
        return .json([
            "objects": .array(Array(page)), "total": .integer(Int64(found.count)),
            "time": .string(vendor.now().wireText),
        ])
    }

    /// What npm shows of a plugin that has every word in its name, description or keywords.
    private func hit(
        _ name: PackageName, _ words: [Substring], _ asker: Asker
    ) async throws -> JSONValue? {
        let packument: Packument
        do {
            packument = try await vendor.visiblePackument(of: name, for: asker)
        } catch is GatewayError {
            // It is licensed, and no release of it is: there is nothing to install.
            return nil
        }
        guard
            let newest = packument.distTags.first(where: { $0.tag == Release.latestChannel }),
            let entry = packument.entries.first(where: { $0.release.version == newest.version })
        else { return nil }
        let manifest = entry.manifest
        let keywords = manifest.raw["keywords"]?.array?.compactMap(\.string) ?? []
        let text = ([name.description, manifest.description ?? ""] + keywords)
            .joined(separator: " ").lowercased()
        guard words.allSatisfy({ text.contains($0) }) else { return nil }
        let publisher: JSONValue = [
            "username": .string(try await vendor.profile().name), "email": "",
        ]
        var package: JSONObject = [
            "name": .string(name.description), "scope": .string(name.scope ?? "unscoped"),
            "version": .string(entry.release.version.description),
            "description": .string(manifest.description ?? ""),
            "keywords": .array(keywords.map { .string($0) }),
            "date": .string(entry.release.published.wireText),
            "publisher": publisher, "maintainers": [publisher],
        ]
        package["links"] = .object(
            JSONObject(
                ["homepage", "repository", "bugs"].compactMap { member in
                    let value = manifest.raw[member]
                    return (value?.string ?? value?["url"]?.string).map { (member, .string($0)) }
                }))
        return [
            "package": .object(package), "searchScore": 1,
            "score": ["final": 1, "detail": ["quality": 1, "popularity": 1, "maintenance": 1]],
        ]
    }
}
