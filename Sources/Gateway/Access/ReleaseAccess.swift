package import FoundationEssentials
import Licensing
package import Packages
import Storage

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
        /// Its term is still to come.
        case notBegun = "not-begun"
        /// Term and grace are over, and the license says that then plugins pause.
        case termEnded = "term-ended"
        case updatePeriodEnded = "update-period-ended"
        case channelNotAllowed = "channel-not-allowed"
    }

    let profile: VendorProfile
    private let now: Date

    package init(profile: VendorProfile, now: Date) {
        self.profile = profile
        self.now = now
    }

    /// Decides about one release.
    ///
    /// - Parameters:
    ///   - asker: who asks
    ///   - release: what is asked for
    /// - Returns: the decision, the same for every protocol
    package func decision(for asker: Asker, on release: Release) -> Decision {
        if profile.freePlugins.contains(release.name) { return .granted }
        switch asker {
        case .anonymous: return .unknown
        case .administrator: return .granted
        case .publisher(let publisher):
            return publisher.mayPublish(release.name) ? .granted : .unknown
        case .licensee(let license): return decision(for: license, on: release)
        }
    }

    private func decision(for license: LicenseRecord, on release: Release) -> Decision {
        guard let grant = license.terms.grant(for: release.name.description) else {
            return .unknown
        }
        switch license.status {
        case .suspended: return .forbidden(.suspended)
        case .revoked: return .forbidden(.revoked)
        case .active: break
        }
        if license.terms.isToCome(at: now) { return .forbidden(.notBegun) }
        var updatesUntil = grant.updatesUntil
        if license.terms.isOver(at: now) {
            guard license.terms.afterTerm == .keep else { return .forbidden(.termEnded) }
            updatesUntil = [updatesUntil, license.terms.expires].compactMap(\.self).min()
        }
        let coverage = Coverage(
            updatesUntil: updatesUntil,
            channels: profile.channels(with: license.terms.channels))
        // Whoever asks for a withdrawn release by its version runs it: the bytes stay for them.
        let refusals = coverage.refusals(of: release, installed: release.version)
        if refusals.contains(.channelNotAllowed) { return .forbidden(.channelNotAllowed) }
        if refusals.contains(.updatePeriodEnded) { return .forbidden(.updatePeriodEnded) }
        return .granted
    }
}

extension VendorProfile {
    /// The channels of a license that names these: the default one is always among them.
    func channels(with named: Set<String>) -> Set<String> {
        named.union([channels.first ?? Release.latestChannel])
    }
}
