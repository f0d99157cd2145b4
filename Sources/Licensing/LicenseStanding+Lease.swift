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
        let sentence =
            "The lease of license \(claims.licenseID) ended at \(ends.wireText) without a check-in."
        let failure = circumstances.failedCheckIn(since: claims)
        if let failure, let refusal = failure.refusal {
            return paused(claims, refusal, "\(sentence) \(failure.refusalSentence)")
        }
        let attempt = failure.map {
            " The last check-in failed at \($0.time.wireText) with \($0.code)."
        }
        return paused(claims, .licenseLeaseOver, sentence + (attempt ?? ""))
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
            let failure = circumstances.failedCheckIn(since: claims),
            circumstances.now >= claims.issued + Double(policy.interval)
        else { return nil }
        let warning = LicenseWarning(
            code: .licenseLeaseEnding,
            message: """
                The last check-in failed at \(failure.time.wireText) with \(failure.code). \
                The saved token of license \(claims.licenseID) holds until \(ends.wireText).
                """)
        return LicenseStanding(
            claims: claims, state: .grace, failure: nil, until: ends,
            warnings: failure.refusal == nil ? [warning] : [])
    }

    /// The same; where the last check-in was refused, with a warning from then on, and not only when
    /// the next one is due: no waiting mends it.
    func tellingRefusal(in circumstances: LicenseCircumstances) -> LicenseStanding {
        guard isInForce, let failure = circumstances.failedCheckIn(since: claims),
            let refusal = failure.refusal
        else { return self }
        let holds = claims.expires.flatMap {
            circumstances.now < $0
                ? " The saved token of license \(claims.licenseID) holds until \($0.wireText)."
                : nil
        }
        let warning = LicenseWarning(
            code: refusal, message: failure.refusalSentence + (holds ?? ""))
        return LicenseStanding(
            claims: claims, state: state, failure: self.failure, until: until,
            warnings: warnings + [warning])
    }
}

extension LicenseCircumstances {
    /// The last check-in, if it failed after the gateway signed this token.
    fileprivate func failedCheckIn(since claims: LicenseClaims) -> LicenseMemory.FailedCheckIn? {
        guard let failure = memory.checkIns[claims.licenseID]?.failure else { return nil }
        let time = clock.skew?.corrected(failure.time) ?? failure.time
        return time >= claims.issued - LicenseClock.tolerance ? failure : nil
    }
}

extension LicenseMemory.FailedCheckIn {
    fileprivate var refusalSentence: String {
        "The last check-in was refused at \(time.wireText) with \(code)."
    }
}
