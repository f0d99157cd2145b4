package import CanonicalJSON
package import Diagnostics
package import FoundationEssentials

/// How this instance stands with its licenses: what ``evaluate(_:instance:facts:memory:now:)`` says.
package struct LicenseStatus: Sendable {
    package let state: LicenseState
    /// Why it is not active; nil when it is, or when grace or a warning says enough.
    package let failure: LicenseError?
    /// Until when the state lasts if nothing is done; nil: no end, or it is over already.
    package let until: Date?
    /// What the licenses grant together, the paused ones among them marked.
    package let entitlements: Entitlements
    package let warnings: [LicenseWarning]
    /// How many users are active, when the application said so.
    package let seatsInUse: Int64?
    /// By how many seconds this clock was ahead of the gateway's at the last check-in, if any.
    package let clockSkew: Int64?
    /// How each token stands by itself, in the order given.
    package let standings: [LicenseStanding]

    /// Whether `pkg` may download releases that are not installed; see also
    /// ``PluginEntitlement/isPaused``.
    package var permitsNewDownloads: Bool { state == .active || state == .grace }

    /// Whether a plugin without an entitlement may be set aside.
    ///
    /// Only when every license here speaks for itself: one that is refused or paused may be the one
    /// that grants the plugin.
    package var permitsRemovals: Bool { permitsNewDownloads && undecided == nil }

    /// A license that is refused or paused: it may be the one that grants what the others do not.
    package var undecided: LicenseStanding? {
        standings.first { ![.active, .grace, .waiting, .superseded].contains($0.state) }
    }

    /// The same with another reason why it is not active.
    package func failing(with failure: LicenseError) -> LicenseStatus {
        LicenseStatus(
            state: state, failure: failure, until: until, entitlements: entitlements,
            warnings: warnings, seatsInUse: seatsInUse, clockSkew: clockSkew, standings: standings)
    }
}

/// The states of a license, in words that programs read as well.
package enum LicenseState: String, Hashable, Sendable, CaseIterable {
    /// Nothing is saved, or everything that is begins later.
    case none
    case active
    /// The term is over and the grace is not, or the lease runs out after failed check-ins.
    case grace
    /// Paid features are off until the next good check-in or a renewal.
    case paused
    case invalid
}

/// How one token stands by itself.
package struct LicenseStanding: Sendable {
    package enum State: String, Hashable, Sendable {
        case active
        case grace
        case paused
        case invalid
        /// Begins on a later day.
        case waiting
        /// A newer token of the same license is there.
        case superseded
    }

    package let claims: LicenseClaims
    package let state: State
    package let failure: LicenseError?
    /// Until when the state lasts; for one that waits: when it begins.
    package let until: Date?
    let warnings: [LicenseWarning]
}

/// Something to know before it becomes a failure.
package struct LicenseWarning: Hashable, Sendable {
    package let code: FailureCode
    /// Whole sentences with the values.
    package let message: String
}

extension LicenseStatus {
    /// As `pkg license status --json` prints it; its times are RFC 3339, not a token's numbers.
    package var json: JSONValue {
        var object: JSONObject = [
            "state": .string(state.rawValue),
            "permits_new_downloads": .bool(permitsNewDownloads),
        ]
        object["until"] = until.map { .string($0.wireText) }
        object["failure"] = failure.map { JSONValue($0) }
        object["warnings"] = .array(
            warnings.map { ["code": .string($0.code.name), "message": .string($0.message)] })
        object["seats_in_use"] = seatsInUse.map { .integer($0) }
        object["clock_skew_s"] = clockSkew.map { .integer($0) }
        object["plugins"] = .array(entitlements.plugins.map(\.statusJSON))
        object["features"] = JSONValue(sorted: entitlements.features)
        object["limits"] = JSONValue(sorted: entitlements.limits)
        object["licenses"] = .array(standings.map(\.json))
        return .object(object)
    }
}

extension PluginEntitlement {
    fileprivate var statusJSON: JSONValue {
        var object = json.object ?? [:]
        object["updates_until"] = updatesUntil.map { .string($0.wireText) }
        return .object(object)
    }
}

extension LicenseStanding {
    /// As `pkg license status --json` and `pkg license list --json` print it.
    package var json: JSONValue {
        var object: JSONObject = [
            "id": .string(claims.licenseID), "mode": .string(claims.mode.rawValue),
            "state": .string(state.rawValue),
        ]
        object["plan"] = claims.plan.map { .string($0) }
        object["account"] = claims.account.map { .string($0.name) }
        object["trial"] = .bool(claims.trial)
        object["begins"] = claims.notBefore.map { .string($0.wireText) }
        object["term_ends"] = claims.termEnds.map { .string($0.wireText) }
        object["until"] = until.map { .string($0.wireText) }
        object["failure"] = failure.map { JSONValue($0) }
        return .object(object)
    }

    /// The word for how it stands: what the vendor decided, else what the token says.
    package var word: String {
        claims.status == .active ? state.rawValue : claims.status.rawValue
    }

    /// Whether what it grants may be used and downloaded now.
    package var isInForce: Bool { state == .active || state == .grace }
}
