package import CanonicalJSON
internal import Diagnostics
package import FoundationEssentials

/// What has to survive restarts, so that a restart neither reopens a lease nor forgets a newer token.
package struct LicenseMemory: Hashable, Sendable {
    /// The latest time that a vendor's signature has proven to be past.
    package private(set) var latestProvenTime: Date?
    /// The highest sequence number seen in force, by license ID.
    package private(set) var highestSequence: [String: Int64]
    /// How the check-ins of each license went, by its ID.
    package private(set) var checkIns: [String: CheckInHistory]
    /// What the last check-in said of this machine's clock.
    package private(set) var clockSkew: ClockSkew?

    /// When the gateway last answered for a license, and what came of it since.
    package struct CheckInHistory: Hashable, Sendable {
        package var last: Date?
        /// The last one that failed after ``last``.
        package var failure: FailedCheckIn?
    }

    /// A check-in that got no token.
    package struct FailedCheckIn: Hashable, Sendable {
        package let time: Date
        /// The code's name: `network.timeout`.
        package let code: String

        /// What the license was refused for; nil when nobody could be asked, which passes by itself.
        var refusal: FailureCode? {
            FailureCode.named(code).flatMap { $0.exitStatus == .license ? $0 : nil }
        }
    }

    /// By how much this clock was ahead of the gateway's.
    package struct ClockSkew: Hashable, Sendable {
        /// In seconds; below zero: behind.
        package let seconds: Int64
        /// When that was measured, by this machine's clock.
        package let measured: Date

        /// What the gateway's clock showed when this was measured.
        var gatewaysTime: Date { measured - Double(seconds) }

        /// Whether a token that the gateway signed at that time came with the check-in that measured
        /// this, or with that of another license in the same run.
        func isOfCheckIn(at issued: Date) -> Bool {
            gatewaysTime.timeIntervalSince(issued).magnitude < LicenseClock.tolerance
        }

        /// Whether the clock is more than a day off: then it is wrong, not skewed.
        var isWrong: Bool { seconds.magnitude > 86400 }

        /// The gateway's time when this machine's clock shows that one.
        ///
        /// A clock that is wrong is taken as it is.
        func corrected(_ clock: Date) -> Date { isWrong ? clock : clock - Double(seconds) }
    }

    /// Nothing seen yet.
    package init() {
        self.highestSequence = [:]
        self.checkIns = [:]
    }

    /// Keeps what a token proves; one that still waits for its day raises no sequence yet.
    package mutating func remember(_ token: VerifiedLicenseToken, now: Date) {
        let claims = token.claims
        dropDisprovedSkew(at: now)
        latestProvenTime = max(latestProvenTime ?? claims.issued, claims.issued)
        guard claims.notBefore.map({ $0 <= now }) ?? true else { return }
        highestSequence[claims.licenseID] = max(
            highestSequence[claims.licenseID] ?? 0, claims.sequence)
    }

    /// Keeps that the gateway answered for the license, and what the time that it signed says of
    /// this clock.
    package mutating func recordCheckIn(_ token: VerifiedLicenseToken, at now: Date) {
        checkIns[token.claims.licenseID] = CheckInHistory(last: now)
        clockSkew = ClockSkew(
            seconds: Int64(now.timeIntervalSince(token.claims.issued).rounded()), measured: now)
    }

    /// Keeps that a check-in for the license failed.
    package mutating func recordFailedCheckIn(of license: String, at now: Date, code: String) {
        dropDisprovedSkew(at: now)
        checkIns[license, default: CheckInHistory()].failure = FailedCheckIn(time: now, code: code)
    }

    /// A clock that was set back since the measurement will pass that time again, so what disproves
    /// the skew now is not seen later.
    private mutating func dropDisprovedSkew(at now: Date) {
        if clockSkew?.isDisproved(at: now) == true { clockSkew = nil }
    }

    /// Forgets how the check-ins of a license went; its sequence number is never forgotten.
    package mutating func forgetCheckIns(of license: String) {
        checkIns[license] = nil
    }

    /// When the gateway last answered for any license.
    package var lastCheckIn: Date? { checkIns.values.compactMap(\.last).max() }

    /// When the next check-in of the license is due.
    ///
    /// After the interval, or after the shorter one since a failure. At once when there was none, or
    /// when the clock was set back behind the last one, since nothing is known then.
    package func nextCheckIn(of license: String, _ policy: CheckInPolicy, now: Date) -> Date {
        let history = checkIns[license]
        let (from, seconds) =
            if let failure = history?.failure { (failure.time, policy.retry) } else {
                (history?.last ?? .distantPast, policy.interval)
            }
        return from > now ? now : from.addingTimeInterval(Double(seconds))
    }
}

extension LicenseMemory {
    /// As `state.json` keeps it.
    package var json: JSONValue {
        var object: JSONObject = [:]
        object["latest_proven_time"] = latestProvenTime.map { JSONValue($0) }
        object["highest_sequence"] = JSONValue(sorted: highestSequence)
        object["check_ins"] = JSONValue(sorted: checkIns.mapValues(\.json))
        object["clock_skew"] = clockSkew.map {
            ["seconds": .integer($0.seconds), "measured": JSONValue($0.measured)]
        }
        return .object(object)
    }

    /// Reads what ``json`` wrote.
    ///
    /// - Throws: ``LicenseError`` with code `license.state`.
    package init(json: JSONValue) throws(LicenseError) {
        do {
            let reader = JSONReader(json)
            self.latestProvenTime = try reader.optional("latest_proven_time")?.date()
            self.highestSequence = try reader["highest_sequence"].integersByName()
            var checkIns: [String: CheckInHistory] = [:]
            for (license, history) in try reader["check_ins"].members() {
                checkIns[license] = try CheckInHistory(history)
            }
            self.checkIns = checkIns
            self.clockSkew = try reader.optional("clock_skew").map {
                skew throws(JSONError) in
                ClockSkew(
                    seconds: try skew["seconds"].integer(), measured: try skew["measured"].date())
            }
        } catch {
            throw LicenseError(
                .licenseState, "The saved license state cannot be read.", cause: error)
        }
    }
}

extension LicenseMemory.CheckInHistory {
    fileprivate var json: JSONValue {
        var object: JSONObject = [:]
        object["last"] = last.map { JSONValue($0) }
        object["failure"] = failure.map {
            ["time": JSONValue($0.time), "code": .string($0.code)]
        }
        return .object(object)
    }

    fileprivate init(_ reader: JSONReader) throws(JSONError) {
        self.last = try reader.optional("last")?.date()
        self.failure = try reader.optional("failure").map { failure throws(JSONError) in
            LicenseMemory.FailedCheckIn(
                time: try failure["time"].date(), code: try failure["code"].string())
        }
    }
}
