/// An error that people and programs can act on: a stable code, a sentence with the actual values,
/// a remedy, and what caused it.
///
/// Each domain has one struct that conforms (`LicenseError`, `TrustError`, `NetworkError`, …), so
/// that a function can say with typed throws which domain it fails in.
package protocol Failure: Error, CustomStringConvertible {
    /// The stable code; callers decide by it and never by the text.
    var code: FailureCode { get }
    /// What happened here, with the values: whole sentences, no secret.
    var message: String { get }
    /// What to do, when this occurrence knows better than the code's own remedy.
    var specificRemedy: String? { get }
    /// What made it happen, or nil.
    var cause: (any Error)? { get }
}

extension Failure {
    package var specificRemedy: String? { nil }
    package var cause: (any Error)? { nil }

    /// What to do about it.
    package var remedy: String { specificRemedy ?? code.remedy }

    package var description: String {
        let causes = cause.map { " (\($0))" } ?? ""
        return "\(code.name): \(message)\(causes)"
    }
}
