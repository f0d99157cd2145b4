internal import CanonicalJSON
internal import Diagnostics
internal import FoundationEssentials

/// What one token is judged by.
struct LicenseCircumstances {
    let instance: InstanceID
    let facts: InstanceFacts?
    let memory: LicenseMemory
    let clock: LicenseClock
    /// What the token is judged by: ``LicenseClock/time(for:)``.
    let now: Date
    /// The newest token of each license among those in hand that have begun.
    let newest: [String: LicenseClaims]
}

extension LicenseStanding {
    /// Judges one token, by one rule after the other; the first that applies decides.
    ///
    /// 1. The clock: without one nothing below can be told.
    /// 2. Begins later: it waits, whatever else it says.
    /// 3. Replayed or superseded: a later word of the vendor's counts.
    /// 4. Revoked, bound to another instance: not for here.
    /// 5. Suspended, lease over: paused.
    /// 6. Term and grace.
    /// 7. Lease running out: as active, and people should know.
    ///
    /// What a check-in was refused for is told with what still holds in spite of it.
    static func of(
        _ claims: LicenseClaims, in circumstances: LicenseCircumstances
    ) -> LicenseStanding {
        judged(claims, in: circumstances).tellingRefusal(in: circumstances)
    }

    private static func judged(
        _ claims: LicenseClaims, in circumstances: LicenseCircumstances
    ) -> LicenseStanding {
        clockStanding(of: claims, in: circumstances)
            ?? waitingStanding(of: claims, in: circumstances)
            ?? sequenceStanding(of: claims, in: circumstances)
            ?? bindingStanding(of: claims, in: circumstances)
            ?? suspendedStanding(of: claims)
            ?? leaseStanding(of: claims, in: circumstances)
            ?? termStanding(of: claims, in: circumstances)
            ?? runningOutStanding(of: claims, in: circumstances)
            ?? activeStanding(of: claims, in: circumstances)
    }

    private static func clockStanding(
        of claims: LicenseClaims, in circumstances: LicenseCircumstances
    ) -> LicenseStanding? {
        let (clock, now) = (circumstances.clock, circumstances.now)
        let proven = clock.proven(by: claims)
        guard now < proven - LicenseClock.tolerance else { return nil }
        let corrected =
            now == clock.shown
            ? "" : ", which the skew at the last check-in makes \(now.wireText) at the gateway"
        return invalid(
            claims, .clockBehind,
            """
            This machine's clock shows \(clock.shown.wireText)\(corrected), but a license token \
            proves that \(proven.wireText) is past.
            """)
    }

    private static func waitingStanding(
        of claims: LicenseClaims, in circumstances: LicenseCircumstances
    ) -> LicenseStanding? {
        guard let begins = claims.notBefore, circumstances.now < begins else { return nil }
        return LicenseStanding(
            claims: claims, state: .waiting, failure: nil, until: begins, warnings: [])
    }

    private static func sequenceStanding(
        of claims: LicenseClaims, in circumstances: LicenseCircumstances
    ) -> LicenseStanding? {
        let highestSeen = circumstances.memory.highestSequence[claims.licenseID] ?? 0
        if let newest = circumstances.newest[claims.licenseID], claims.isOlder(than: newest) {
            return LicenseStanding(
                claims: claims, state: .superseded, failure: nil, until: nil, warnings: [])
        }
        guard claims.sequence < highestSeen else { return nil }
        return invalid(
            claims, .licenseReplayed,
            """
            The token of license \(claims.licenseID) has the sequence number \(claims.sequence); \
            \(highestSeen) was seen before.
            """)
    }

    private static func bindingStanding(
        of claims: LicenseClaims, in circumstances: LicenseCircumstances
    ) -> LicenseStanding? {
        if claims.status == .revoked {
            return invalid(
                claims, .licenseRevoked, "The vendor revoked the license \(claims.licenseID).")
        }
        let binding = claims.instances.first { $0.id == circumstances.instance }
        if let binding, binding.until.map({ circumstances.now < $0 }) ?? true { return nil }
        return invalid(
            claims, .licenseKeyMismatch, mismatchMessage(claims, binding, circumstances),
            remedy: mismatchRemedy(claims, circumstances))
    }

    private static func suspendedStanding(of claims: LicenseClaims) -> LicenseStanding? {
        guard claims.status == .suspended else { return nil }
        return paused(
            claims, .licenseSuspended, "The vendor suspended the license \(claims.licenseID).")
    }

    private static func termStanding(
        of claims: LicenseClaims, in circumstances: LicenseCircumstances
    ) -> LicenseStanding? {
        guard let ended = claims.termEnd, circumstances.now >= ended || claims.status == .expired
        else { return nil }
        let sentence = "The term of license \(claims.licenseID) ended at \(ended.wireText)."
        if let graceEnd = claims.graceEnd, circumstances.now < graceEnd {
            return LicenseStanding(
                claims: claims, state: .grace, failure: nil, until: graceEnd,
                warnings: [
                    LicenseWarning(
                        code: .licenseExpired,
                        message: "\(sentence) Its grace lasts until \(graceEnd.wireText).")
                ])
        }
        switch claims.afterTerm {
        case .pause:
            return paused(claims, .licensePaused, "\(sentence) Paid features pause after it.")
        case .keep:
            return LicenseStanding(
                claims: claims, state: .active, failure: nil, until: nil,
                warnings: [
                    LicenseWarning(
                        code: .licenseExpired,
                        message: """
                            \(sentence) Releases that were published before then stay covered; \
                            newer ones are not.
                            """)
                ])
        }
    }

    private static func activeStanding(
        of claims: LicenseClaims, in circumstances: LicenseCircumstances
    ) -> LicenseStanding {
        let leaves = claims.instances.first { $0.id == circumstances.instance }?.until
        let warnings = leaves.map {
            [
                LicenseWarning(
                    code: .licenseInstanceMoving,
                    message: """
                        The license \(claims.licenseID) moves to another instance; it holds for \
                        \(circumstances.instance) until \($0.wireText).
                        """)
            ]
        }
        return LicenseStanding(
            claims: claims, state: .active, failure: nil,
            until: [claims.termEnd, leaves].compactMap(\.self).min(), warnings: warnings ?? [])
    }

    private static func mismatchMessage(
        _ claims: LicenseClaims, _ binding: InstanceBinding?,
        _ circumstances: LicenseCircumstances
    ) -> String {
        if let until = binding?.until {
            return """
                The license \(claims.licenseID) moved to another instance; the time in which this \
                one, \(circumstances.instance), could still use it ended at \(until.wireText).
                """
        }
        let bound = claims.instances.map(\.id.description).joined(separator: ", ")
        let sentence = """
            The license \(claims.licenseID) is bound to \(bound.isEmpty ? "no instance" : bound); \
            this instance is \(circumstances.instance).
            """
        guard let facts = circumstances.facts else { return sentence }
        return sentence
            + facts.changesSentence(since: claims.facts, boundTo: claims.instances.map(\.id))
    }

    private static func invalid(
        _ claims: LicenseClaims, _ code: FailureCode, _ message: String, remedy: String? = nil
    ) -> LicenseStanding {
        LicenseStanding(
            claims: claims, state: .invalid,
            failure: LicenseError(code, message, remedy: remedy), until: nil, warnings: [])
    }

    /// nil: the code's own says it.
    private static func mismatchRemedy(
        _ claims: LicenseClaims, _ circumstances: LicenseCircumstances
    ) -> String? {
        let pin = circumstances.facts?.pinChange(
            since: claims.facts, boundTo: claims.instances.map(\.id))
        guard pin != nil || claims.mode == .offline else { return nil }
        let check =
            pin?.remedy ?? """
                Check that DATABASE_URL is the database and TOLLGATE_STORAGE the volume of the \
                instance that the license is for.
                """
        // An offline license has no key to move it with.
        let move =
            claims.mode == .offline
            ? """
            send its Instance ID, \(circumstances.instance), to your vendor, and add the token that \
            comes back: `pkg license add -f FILE`.
            """
            : """
            move the license here with `pkg license rebind`, or send the Instance ID shown to your \
            vendor.
            """
        return "\(check) If the instance is a new one on purpose, \(move)"
    }

    static func paused(
        _ claims: LicenseClaims, _ code: FailureCode, _ message: String
    ) -> LicenseStanding {
        LicenseStanding(
            claims: claims, state: .paused, failure: LicenseError(code, message), until: nil,
            warnings: [])
    }
}

extension LicenseClaims {
    /// Whether the gateway said something else of the same license later.
    func isOlder(than other: LicenseClaims) -> Bool {
        (sequence, issued) < (other.sequence, other.issued)
    }

    /// When the term ends; without a lease a token that ends, ends its term.
    var termEnd: Date? {
        if status == .expired { return min(termEnds ?? issued, issued) }
        return termEnds ?? (mode == .standard ? nil : expires)
    }

    /// When the grace ends; without a lease the token's own end is that of term and grace.
    var graceEnd: Date? {
        graceUntil ?? (mode == .standard ? nil : expires)
    }
}
