package import Diagnostics

/// Why a key could not be read, made or used.
///
/// A signature that does not verify is no error here: it is the answer `false`.
package struct CryptographyError: Failure {
    package let code: FailureCode
    package let message: String

    init(_ code: FailureCode, _ message: String) {
        self.code = code
        self.message = message
    }

    /// An error with what OpenSSL says about its last failure on this thread.
    static func fromOpenSSL(_ code: FailureCode, _ what: String) -> CryptographyError {
        CryptographyError(code, "\(what): \(takeOpenSSLReason()).")
    }
}
