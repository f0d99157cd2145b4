internal import FoundationEssentials

/// What time it is for a license, as far as this machine's clock and what was seen of it tell.
///
/// The skew that the last check-in measured is taken off while it is plausible. It is disproved by a
/// clock that shows an earlier time than it did then: somebody set it since. And it is not used where
/// it would put the time before a proven one that the clock itself does not lie before.
struct LicenseClock {
    /// What this machine's clock shows.
    let shown: Date
    private let latestProvenTime: Date?
    /// As the last check-in measured it; nil also when it is disproved.
    let skew: LicenseMemory.ClockSkew?

    /// How far two clocks may differ before anybody says so.
    static let tolerance: TimeInterval = 5 * 60

    init(shown: Date, memory: LicenseMemory) {
        self.shown = shown
        latestProvenTime = memory.latestProvenTime
        skew = memory.clockSkew.flatMap { $0.isDisproved(at: shown) ? nil : $0 }
    }

    /// The latest time that is proven to be past by a token and by those that were seen before.
    func proven(by claims: LicenseClaims) -> Date {
        max(claims.issued, latestProvenTime ?? claims.issued)
    }

    /// The time that a token is judged by.
    ///
    /// A standard license is judged by the gateway's time: its lease is short, and the check-in that
    /// renews it measures anew. One without check-ins may hold for years, and no measurement says
    /// anything of the clock for so long: it is judged by the clock itself, and by the gateway's time
    /// only as long as the clock lies before a proven one.
    func time(for claims: LicenseClaims) -> Date {
        guard let corrected = skew?.corrected(shown) else { return shown }
        let earliest = proven(by: claims) - Self.tolerance
        if shown >= earliest, claims.mode != .standard || corrected < earliest { return shown }
        return corrected
    }
}

extension LicenseMemory.ClockSkew {
    /// Whether a clock that shows this was set back since.
    func isDisproved(at shown: Date) -> Bool { shown < measured - LicenseClock.tolerance }
}
