import CanonicalJSON
import FoundationEssentials
import Packages
import Testing

/// The table in `fixtures/vectors/semver.json`: what npm's own module said.
struct SemanticVersionVectors {
    struct Range: Sendable {
        let text: String
        let isValid: Bool
        let admits: Set<String>
        let admitsWithPrereleases: Set<String>
    }

    let texts: [(text: String, version: String?)]
    let ascending: [String]
    let ranges: [Range]

    init() throws {
        let folder = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let path = "/\(folder)/fixtures/vectors/semver.json"
        let bytes = try #require(FileManager.default.contents(atPath: path))
        let reader = JSONReader(try parseJSON(Array(bytes)))
        texts = try reader["texts"].array().map {
            (try $0["text"].string(), try $0.optional("version")?.string())
        }
        ascending = try reader["ascending"].strings()
        ranges = try reader["ranges"].array().map { range in
            Range(
                text: try range["range"].string(), isValid: try range["valid"].bool(),
                admits: Set(try range.optional("admits")?.strings() ?? []),
                admitsWithPrereleases: Set(
                    try range.optional("admitsWithPrereleases")?.strings() ?? []))
        }
    }
}
