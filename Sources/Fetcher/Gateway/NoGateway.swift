package import Diagnostics

/// The address answers, and what it says is not there is there at every gateway.
///
/// A wrong path, a proxy's own page, a balancer's default: nothing was proven to be false, so it is
/// a failure of the network.
package struct NoGateway: Failure {
    package let code: FailureCode = .networkNotWhatWasAsked
    package let message: String
    package let specificRemedy: String? =
        "Check the path of TOLLGATE_URL, and whether a proxy or balancer answers in its place."

    init(_ address: String, status: Int) {
        message = "\(address) answered with status \(status): no gateway of Tollgate is there."
    }
}
