package import CanonicalJSON
internal import Diagnostics
package import FoundationEssentials

/// What has to survive restarts, so that a restart neither reopens a lease nor forgets a newer token.
package struct LicenseMemory: Hashable, Sendable {
    /// The latest time that a vendor's signature has proven to be past.
    package private(set) var latestProvenTime: Date?
    /// The highest sequence number seen in force, by license ID.
    package private(set) var highestSequence: [String: Int64]
    /// When the gateway last answered.
    package private(set) var lastCheckIn: Date?
    /// When a check-in last failed, and with what code.
    package private(set) var lastFailure: FailedCheckIn?
    /// By how many seconds this clock was ahead of the gateway's at the last check-in.
    package private(set) var clockSkew: Int64?

    /// A check-in that got no token.
    package struct FailedCheckIn: Hashable, Sendable {
        package let time: Date
        /// The code's name: `network.timeout`.
        package let code: String
    }

    /// Nothing seen yet.
    package init() {
        self.highestSequence = [:]
    }

    /// Keeps what a token proves; one that still waits for its day raises no sequence yet.
    package mutating func remember(_ token: VerifiedLicenseToken, now: Date) {
        let claims = token.claims
        latestProvenTime = max(latestProvenTime ?? claims.issued, claims.issued)
        guard claims.notBefore.map({ $0 <= now }) ?? true else { return }
        highestSequence[claims.licenseID] = max(
            highestSequence[claims.licenseID] ?? 0, claims.sequence)
    }

    /// Keeps that the gateway answered, and what its clock showed.
    package mutating func recordCheckIn(at now: Date, serverTime: Date) {
        lastCheckIn = now
        lastFailure = nil
        clockSkew = Int64(now.timeIntervalSince(serverTime).rounded())
    }

    /// Keeps that a check-in failed.
    package mutating func recordFailedCheckIn(at now: Date, code: String) {
        lastFailure = FailedCheckIn(time: now, code: code)
    }

    /// Whether a check-in is due: after the interval, or after the shorter one since a failure.
    ///
    /// Also when the clock was set back behind the last one, since nothing is known then.
    package func isCheckInDue(_ policy: CheckInPolicy, now: Date) -> Bool {
        if let lastFailure {
            let elapsed = now.timeIntervalSince(lastFailure.time)
            return elapsed < 0 || elapsed >= Double(policy.retry)
        }
        guard let lastCheckIn else { return true }
        let elapsed = now.timeIntervalSince(lastCheckIn)
        return elapsed < 0 || elapsed >= Double(policy.interval)
    }
}

extension LicenseMemory {
    /// As `state.json` keeps it.
    package var json: JSONValue {
        var object: JSONObject = [:]
        object["latest_proven_time"] = latestProvenTime.map { JSONValue($0) }
        object["highest_sequence"] = JSONValue(sorted: highestSequence)
        object["last_check_in"] = lastCheckIn.map { JSONValue($0) }
        object["last_failure"] = lastFailure.map {
            ["time": JSONValue($0.time), "code": .string($0.code)]
        }
        object["clock_skew_s"] = clockSkew.map { .integer($0) }
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
            self.lastCheckIn = try reader.optional("last_check_in")?.date()
            if let failure = try reader.optional("last_failure") {
                self.lastFailure = FailedCheckIn(
                    time: try failure["time"].date(), code: try failure["code"].string())
            }
            self.clockSkew = try reader.optional("clock_skew_s")?.integer()
        } catch {
            throw LicenseError(
                .licenseState, "The saved license state cannot be read.", cause: error)
        }
    }
}
