package import Diagnostics

/// Why a plugin that the license has is not, or cannot be, installed in the release wanted.
package enum MismatchReason: String, Sendable, CaseIterable {
    case noReleaseForApplication = "no-release-for-application"
    case updatePeriodEnded = "update-period-ended"
    case notInRegistry = "not-in-registry"
    case yanked = "yanked"
    case channelNotAllowed = "channel-not-allowed"
    /// Download or verification failed, or an operator rolled back: what is installed stays.
    case heldBack = "held-back"
    case modifiedOnDisk = "modified-on-disk"
    /// No license is needed any more.
    case becameFree = "became-free"

    /// For `pkg explain`.
    package var code: FailureCode {
        switch self {
        case .noReleaseForApplication: .mismatchNoReleaseForApplication
        case .updatePeriodEnded: .mismatchUpdatePeriodEnded
        case .notInRegistry: .mismatchNotInRegistry
        case .yanked: .mismatchYanked
        case .channelNotAllowed: .mismatchChannelNotAllowed
        case .heldBack: .mismatchHeldBack
        case .modifiedOnDisk: .mismatchModifiedOnDisk
        case .becameFree: .mismatchBecameFree
        }
    }
}

/// A mismatch with its explanation: whole sentences that name the actual values.
package struct Mismatch: Hashable, Sendable {
    package let reason: MismatchReason
    package let explanation: String
    /// Of a release that fits no application version asked for: the one that is least far.
    package let nearest: SemanticVersion?

    package init(
        reason: MismatchReason, explanation: String, nearest: SemanticVersion? = nil
    ) {
        self.nearest = nearest
        self.reason = reason
        self.explanation = explanation
    }
}
