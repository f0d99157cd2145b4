package import Diagnostics

/// Why a database server was not asked who it is.
package struct DatabaseError: Failure {
    package let code: FailureCode
    package let message: String
    package let specificRemedy: String?
    package let cause: (any Error)?

    package init(
        _ code: FailureCode, _ message: String, remedy: String? = nil, cause: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.specificRemedy = remedy
        self.cause = cause
    }

    /// Whether it may pass by itself: the server still starts, or its name is not known yet.
    var mayPass: Bool { code == .databaseUnreachable }

    /// Puts the client library's own words, which may be several lines, behind ours.
    static func said(_ words: String) -> String {
        let line = words.split(whereSeparator: \.isNewline)
            .map { $0.drop(while: \.isWhitespace) }.joined(separator: " ")
        return printable(line, limit: 600)
    }
}
