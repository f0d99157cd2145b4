import CanonicalJSON
package import Diagnostics
import FoundationEssentials

/// Why metadata, or a file that it describes, is not trusted.
package struct TrustError: Failure {
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
}

/// The sentences, one a way to fail.
extension TrustError {
    static func malformed(_ role: String, _ cause: any Error) -> TrustError {
        TrustError(
            .trustMalformed, "The metadata of role \"\(role)\" cannot be read.", cause: cause)
    }

    static func malformed(_ role: String, _ why: String) -> TrustError {
        TrustError(.trustMalformed, "The metadata of role \"\(role)\" cannot be used: \(why).")
    }

    static func expired(_ role: String, at expires: Date, now: Date) -> TrustError {
        TrustError(
            .trustExpired,
            """
            The metadata of role "\(role)" expired at \(expires.wireText); it is \
            \(now.wireText) here.
            """)
    }

    static func signatures(_ role: String, valid: Int, threshold: Int) -> TrustError {
        valid == 0
            ? TrustError(
                .trustUnsigned,
                "The metadata of role \"\(role)\" has no valid signature by a key of that role.")
            : TrustError(
                .trustThreshold,
                """
                The metadata of role "\(role)" has valid signatures by \(valid) of its keys; \
                \(threshold) are needed.
                """)
    }

    static func rollback(_ file: String, version: Int64, trusted: Int64) -> TrustError {
        TrustError(
            .trustRollback,
            "\(file) has version \(version), but version \(trusted) was verified before.")
    }

    static func dropped(_ file: String) -> TrustError {
        TrustError(.trustRollback, "The new snapshot no longer lists \(file).")
    }

    static func mixed(_ role: String, version: Int64, expected: Int64) -> TrustError {
        TrustError(
            .trustMixAndMatch,
            """
            The metadata of role "\(role)" has version \(version), but version \(expected) is what \
            the file above it names.
            """)
    }

    static func differs(_ role: String, version: Int64) -> TrustError {
        TrustError(
            .trustMixAndMatch,
            "There are two different files of version \(version) of role \"\(role)\".")
    }

    static func notListed(_ role: String) -> TrustError {
        TrustError(
            .trustMixAndMatch,
            "Role \"\(role)\" is delegated to, but the snapshot does not list it.")
    }

    static func wrongType(_ role: String, found: String) -> TrustError {
        TrustError(
            .trustMixAndMatch, "In place of the metadata of role \"\(role)\" stands a \"\(found)\"."
        )
    }

    static func length(_ file: String, _ count: Int64, signed: Int64) -> TrustError {
        TrustError(.trustLength, "\(file) has \(count) bytes, but \(signed) are signed.")
    }

    static func tooLong(_ file: String, limit: Int) -> TrustError {
        TrustError(.trustLength, "\(file) is longer than the \(limit) bytes that it may have.")
    }

    static func hash(_ file: String, algorithm: String, found: String, signed: String) -> TrustError
    {
        TrustError(
            .trustHash, "\(file) has the \(algorithm) \(found), but \(signed) is signed.")
    }

    static func noKnownHash(_ file: String) -> TrustError {
        TrustError(.trustHash, "The metadata lists no SHA-256 or SHA-512 for \(file).")
    }

    static func missing(_ file: String) -> TrustError {
        TrustError(.trustMissing, "\(file) is not there.")
    }

    static func tooManyRoles(_ what: String, limit: Int) -> TrustError {
        TrustError(
            .trustTooManyRoles, "More than \(limit) delegated roles may describe \(what).")
    }

    static func outdated(_ role: String) -> TrustError {
        TrustError(
            .trustRequestOutdated,
            "The metadata of role \"\(role)\" is another than when its signature was asked for.")
    }

    static func signingKeys(_ role: String, have: Int, threshold: Int) -> TrustError {
        TrustError(
            .trustSigningKey,
            """
            \(have) of the private keys for role "\(role)" are here; \(threshold) are needed to sign.
            """)
    }

    static func signingFailed(_ role: String, _ cause: any Error) -> TrustError {
        TrustError(
            .trustSigningKey, "Signing the metadata of role \"\(role)\" failed.", cause: cause)
    }
}
