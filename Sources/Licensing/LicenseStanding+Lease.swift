internal import CanonicalJSON
internal import Diagnostics
internal import FoundationEssentials

/// The lease of a standard license, which check-ins renew.
extension LicenseStanding {
    static func leaseStanding(
        of claims: LicenseClaims, in circumstances: LicenseCircumstances
    ) -> LicenseStanding? {
        guard claims.mode == .standard, let ends = claims.expires, circumstances.now >= ends else {
            return nil
        }
        let clock = circumstances.clock
        if let skew = clock.skew, skew.isWrong, skew.isOfCheckIn(at: claims.issued),
            clock.shown - Double(skew.seconds) < ends
        {
            return paused(claims, .clockSkewed, wrongClockMessage(clock, skew, leaseEnds: ends))
        }
        let failure = circumstances.memory.checkIns[claims.licenseID]?.failure.map {
            " The last check-in failed at \($0.time.wireText) with \($0.code)."
        }
        return paused(
            claims, .licenseLeaseOver,
            """
            The lease of license \(claims.licenseID) ended at \(ends.wireText) without a \
            check-in.\(failure ?? "")
            """)
    }

    /// A clock that is more than a day ahead ends the lease that a good check-in just gave.
    private static func wrongClockMessage(
        _ clock: LicenseClock, _ skew: LicenseMemory.ClockSkew, leaseEnds: Date
    ) -> String {
        """
        This machine's clock shows \(clock.shown.wireText), after the lease's end at \
        \(leaseEnds.wireText). At the last check-in it showed \(skew.measured.wireText) when it was \
        \(skew.gatewaysTime.wireText) at the gateway, and a clock that is more than a day off cannot \
        be corrected.
        """
    }

    static func runningOutStanding(
        of claims: LicenseClaims, in circumstances: LicenseCircumstances
    ) -> LicenseStanding? {
        guard claims.mode == .standard, let ends = claims.expires, let policy = claims.checkIn,
            let failure = circumstances.memory.checkIns[claims.licenseID]?.failure,
            failure.time >= claims.issued,
            circumstances.now >= claims.issued + Double(policy.interval)
        else { return nil }
        return LicenseStanding(
            claims: claims, state: .grace, failure: nil, until: ends,
            warnings: [
                LicenseWarning(
                    code: .licenseLeaseEnding,
                    message: """
                        The last check-in failed at \(failure.time.wireText) with \(failure.code). \
                        The saved token of license \(claims.licenseID) holds until \(ends.wireText).
                        """)
            ])
    }
}
