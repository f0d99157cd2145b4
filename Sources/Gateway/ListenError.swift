package import Diagnostics

/// Why the gateway does not listen on its address.
package struct ListenError: Failure {
    package let code: FailureCode
    package let message: String
    package let cause: (any Error)?

    private init(_ code: FailureCode, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// Other machines reach the address, and nobody said that this is meant.
    package static func notLoopback(host: String) -> ListenError {
        ListenError(.addressRefused, "\(host) can be reached from other machines.")
    }

    /// The system does not give the address.
    package static func failed(host: String, port: Int, cause: any Error) -> ListenError {
        ListenError(
            .listenFailed, "The gateway cannot listen on \(host):\(port).", cause: cause)
    }
}
