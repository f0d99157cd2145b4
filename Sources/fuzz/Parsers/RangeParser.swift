import Diagnostics
import Packages

/// A range, and on the next line a version.
struct RangeParser: FuzzedParser {
    let name = "range"
    let dictionary = [
        "||", "^", "~", "~>", ">=", "<=", "<", ">", "=", " - ", "x", "X", "*", " ", "-0", "-alpha",
        ".x", "\n", "1.2.3",
    ]

    func parse(_ input: [UInt8]) throws -> String {
        let lines = input.split(separator: 0x0A, maxSplits: 1, omittingEmptySubsequences: false)
        let text = String(decoding: lines[0], as: UTF8.self)
        do {
            let range = try VersionRange(text)
            guard lines.count > 1 else { return "range" }
            let version = try SemanticVersion(String(decoding: lines[1], as: UTF8.self))
            let admits = range.contains(version)
            let inclusive = range.contains(version, includingPrereleases: true)
            let exact = try VersionRange("=\(version)")
            try Violation.unless(exact.contains(version), "\(exact) does not admit \(version)")
            // npm drops the other alternatives of a range that has `*`, which admits no pre-release.
            if !version.isPrerelease, let wider = try? VersionRange("\(text) || \(version)") {
                try Violation.unless(wider.contains(version), "\(wider) does not admit \(version)")
            }
            return "range \(admits) \(inclusive) \(version.isPrerelease)"
        } catch let error as PackageError {
            return error.code.name
        }
    }
}
