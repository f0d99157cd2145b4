import Diagnostics
import Packages

/// Versions: what is printed reads as the same version.
struct VersionParser: FuzzedParser {
    let name = "version"
    let dictionary = [".", "-", "+", "alpha", "beta.3", "rc", "0", "v", "=", "x", " ", "-0"]

    func parse(_ input: [UInt8]) throws -> String {
        let text = String(decoding: input, as: UTF8.self)
        do {
            let version = try SemanticVersion(text)
            let again = try SemanticVersion("\(version)")
            try Violation.unless(again == version, "\(version) reads as \(again)")
            try Violation.unless("\(again)" == "\(version)", "\(version) prints as \(again)")
            try Violation.unless(!(version < version), "\(version) is below itself")
            return "version \(version.prerelease.isEmpty) \(version.build.isEmpty)"
        } catch let error as PackageError {
            return error.code.name
        }
    }
}
