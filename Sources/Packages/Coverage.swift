package import FoundationEssentials

/// What a license says of the releases of one plugin that it has, or several licenses together.
package struct Coverage: Hashable, Sendable {
    /// Releases published up to this moment are covered, for ever; nil: all.
    package let updatesUntil: Date?
    /// The channels whose releases it may have.
    package let channels: Set<String>
    private let joined: [Coverage]

    package init(updatesUntil: Date?, channels: Set<String>) {
        self.updatesUntil = updatesUntil
        self.channels = channels
        joined = []
    }

    /// What several licenses cover: each for itself, since a release is downloaded with one of them.
    package init(of licenses: [Coverage]) {
        let ends = licenses.map { $0.updatesUntil ?? .distantFuture }
        updatesUntil = ends.max().flatMap { $0 == .distantFuture ? nil : $0 }
        channels = licenses.reduce(into: []) { $0.formUnion($1.channels) }
        joined = licenses
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
    /// - Returns: Every reason against it; none when it may. Of several licenses, those of the one
    ///   with the fewest.
    package func refusals(of release: Release, installed: SemanticVersion?) -> Set<Refusal> {
        guard joined.isEmpty else {
            return joined.map { $0.refusals(of: release, installed: installed) }
                .min { $0.count < $1.count } ?? []
        }
        var refusals: Set<Refusal> = []
        if release.yanked != nil, release.version != installed { refusals.insert(.yanked) }
        if !channels.contains(release.channel) { refusals.insert(.channelNotAllowed) }
        if let updatesUntil, release.published > updatesUntil {
            refusals.insert(.updatePeriodEnded)
        }
        return refusals
    }
}
