import Diagnostics
package import FoundationEssentials
import HTTPTypes
package import Packages
package import Storage

/// May this license have this release? Every protocol asks here.
///
/// What a license may not know of looks like what does not exist. What it may see but not have is
/// refused with the reason.
package struct ReleaseAccess: Sendable {
    package enum Decision: Sendable, Hashable {
        case granted
        /// Not for this license to know.
        case unknown
        case forbidden(Refusal)
    }

    package enum Refusal: String, Sendable, CaseIterable {
        case suspended
        case revoked
        /// Term and grace are over, and the license says that then plugins pause.
        case termEnded = "term-ended"
        case updatePeriodEnded = "update-period-ended"
    }

    /// The plugins that need no license.
    private let freePlugins: Set<PackageName>
    private let now: Date

    package init(freePlugins: Set<PackageName>, now: Date) {
        self.freePlugins = freePlugins
        self.now = now
    }

    /// - Parameter license: nil for somebody without one
    package func decision(for license: LicenseRecord?, on release: Release) -> Decision {
        if freePlugins.contains(release.name) { return .granted }
        guard let license, let grant = license.grant(for: release.name.description) else {
            return .unknown
        }
        switch license.status {
        case .suspended: return .forbidden(.suspended)
        case .revoked: return .forbidden(.revoked)
        case .active: break
        }
        if license.afterTerm == .pause, let end = license.graceUntil, end < now {
            return .forbidden(.termEnded)
        }
        if let until = grant.updatesUntil, release.published > until {
            return .forbidden(.updatePeriodEnded)
        }
        return .granted
    }
}

extension ReleaseAccess {
    /// Throws what the decision is on the wire: 404, or 403 with the code and the reason.
    func check(_ license: LicenseRecord?, _ release: Release) throws(GatewayError) {
        switch decision(for: license, on: release) {
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
        case .termEnded: .licenseExpired
        case .updatePeriodEnded: .registryVersionForbidden
        }
    }

    fileprivate func sentence(on release: Release) -> String {
        switch self {
        case .suspended: "The license is suspended: nothing new is handed out."
        case .revoked: "The license was revoked."
        case .termEnded: "The term of the license and its grace are over."
        case .updatePeriodEnded:
            """
            \(release.name)@\(release.version) was published after the end of the license's update \
            period for this plugin.
            """
        }
    }
}
