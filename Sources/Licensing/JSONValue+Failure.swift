package import CanonicalJSON
package import Diagnostics

extension JSONValue {
    /// A failure for programs: code, title, message, remedy.
    ///
    /// It stands here, and not beside `Failure`, because the target of JSON knows of no failures and
    /// that of failures of no JSON; this is the lowest one that knows both and writes them.
    package init(_ failure: some Failure) {
        self = [
            "code": .string(failure.code.name), "title": .string(failure.code.title),
            "message": .string(maskingSecrets(failure.message)), "remedy": .string(failure.remedy),
        ]
    }
}
