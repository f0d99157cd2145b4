package import FoundationEssentials

/// What a license says of the releases of one plugin that it has.
package struct Coverage: Hashable, Sendable {
    /// Releases published up to this moment are covered, for ever; nil: all.
    package let updatesUntil: Date?
    /// The channels whose releases it may have.
    package let channels: Set<String>

    package init(updatesUntil: Date?, channels: Set<String>) {
        self.updatesUntil = updatesUntil
        self.channels = channels
    }

    /// Why the license may not have the release.
    package enum Refusal: Hashable, Sendable {
        /// The vendor withdrew it, and it is not what is installed.
        case yanked
        case channelNotAllowed
        case updatePeriodEnded
    }

    /// Whether the license may have the release: the one decision, for the plan and the gateway.
    ///
    /// - Parameters:
    ///   - release: A release of the plugin that this is the coverage of.
    ///   - installed: The version that the instance runs; it stays allowed when it is withdrawn.
    /// - Returns: Every reason against it; none when it may.
    package func refusals(of release: Release, installed: SemanticVersion?) -> Set<Refusal> {
        var refusals: Set<Refusal> = []
        if release.yanked != nil, release.version != installed { refusals.insert(.yanked) }
        if !channels.contains(release.channel) { refusals.insert(.channelNotAllowed) }
        if let updatesUntil, release.published > updatesUntil {
            refusals.insert(.updatePeriodEnded)
        }
        return refusals
    }
}
