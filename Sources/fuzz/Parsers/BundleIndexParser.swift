import Bundle
import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials

/// The index of a bundle: what it says is written as it was meant, and nobody's signature counts.
struct BundleIndexParser: FuzzedParser {
    let name = "bundle-index"
    let dictionary =
        JSONWords.all + [
            "\"_type\"", "\"bundle\"", "\"schema\"", "\"signatures\"", "\"signed\"", "\"keyid\"",
            "\"sig\"", "\"created\"", "\"expires\"", "\"snapshot\"", "\"version\"", "\"length\"",
            "\"hashes\"", "\"sha512\"", "\"license\"", "\"application_versions\"", "\"files\"",
            "\"omitted\"", "\"base\"", "\"index_sha512\"", "\"path\"", "2026-11-21T00:00:00Z",
            "9223372036854775807", "metadata/1.root.json", "license.jwt",
        ]
    let maximumLength = 16_384

    func parse(_ input: [UInt8]) throws -> String {
        let index: UnverifiedBundleIndex
        do {
            index = try UnverifiedBundleIndex(input)
        } catch {
            return error.code.name
        }
        let contents = index.claimed.contents
        let again = try BundleContents(JSONReader(.object(contents.members)))
        try Violation.unless(again == contents, "its contents are written as others")
        let paths = (contents.files + contents.omitted).map(\.path)
        try Violation.unless(Set(paths).count == paths.count, "a path is listed twice")
        do {
            _ = try index.verified(by: BundleKeys([]), now: .distantPast)
            throw Violation("it is believed without a key")
        } catch let error as BundleError {
            return "read \(error.code.name) \(contents.files.isEmpty) \(contents.base == nil)"
        }
    }
}
