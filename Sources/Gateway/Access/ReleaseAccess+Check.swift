import Diagnostics
import HTTPTypes
import Packages
import Storage

extension ReleaseAccess {
    /// Throws what the decision is on the wire: 404, or 403 with the code and the reason.
    func check(_ asker: Asker, _ release: Release) throws(GatewayError) {
        switch decision(for: asker, on: release) {
        case .granted: return
        case .unknown:
            throw GatewayError(
                .notFound, .registryNotFound,
                "There is no release \(release.name)@\(release.version) in this registry.")
        case .forbidden(let refusal):
            throw GatewayError(
                .forbidden, refusal.code, refusal.sentence(on: release), reason: refusal.rawValue)
        }
    }
}

extension ReleaseAccess.Refusal {
    fileprivate var code: FailureCode {
        switch self {
        case .suspended: .licenseSuspended
        case .revoked: .licenseRevoked
        case .notBegun: .licenseNotYetValid
        case .termEnded: .licenseExpired
        case .updatePeriodEnded, .channelNotAllowed: .registryVersionForbidden
        }
    }

    fileprivate func sentence(on release: Release) -> String {
        switch self {
        case .suspended: "The license is suspended: nothing new is handed out."
        case .revoked: "The license was revoked."
        case .notBegun: "The term of the license has not begun."
        case .termEnded: "The term of the license and its grace are over."
        case .updatePeriodEnded:
            """
            \(release.name)@\(release.version) was published after the end of the license's update \
            period for this plugin.
            """
        case .channelNotAllowed:
            """
            \(release.name)@\(release.version) is on the channel \(release.channel), which the \
            license does not include.
            """
        }
    }
}
