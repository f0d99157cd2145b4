package import Diagnostics

/// Why a tarball is no release of this vendor: `registry.release-refused`.
package struct PublishError: Failure {
    package let code: FailureCode = .releaseRefused
    package let message: String

    init(_ message: String) {
        self.message = message
    }
}
