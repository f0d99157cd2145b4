import CanonicalJSON
import FoundationEssentials
import Licensing
import Storage
import TerminalOutput

extension LicenseRecord {
    /// The license for programs; never its key.
    var shown: JSONValue {
        var members: JSONObject = [
            "id": .string(id), "account": .string(account.name),
            "mode": .string(terms.mode.rawValue),
            "status": .string(status.rawValue), "trial": .bool(terms.isTrial),
            "sequence": .integer(sequence), "grace_days": .integer(Int64(terms.graceDays)),
            "timezone": .string(terms.timezone), "after_term": .string(terms.afterTerm.rawValue),
            "check_in_s": .integer(terms.checkIn.interval),
            "retry_s": .integer(terms.checkIn.retry), "lease_s": .integer(terms.checkIn.lease),
            "rebinds_per_year": .integer(Int64(terms.rebinding.perYear)),
            "rebind_window_days": .integer(Int64(terms.rebinding.windowDays)),
            "domains": .array(terms.domains.map { .string($0) }),
            "channels": .array(terms.channels.sorted().map { .string($0) }),
            "plugins": .array(terms.grants.map(\.shown)),
            "features": JSONValue(sorted: terms.features),
            "limits": JSONValue(sorted: terms.limits),
            "created": .string(created.written),
        ]
        members["plan"] = terms.plan.map { .string($0) }
        members["begins"] = terms.begins.map { .string($0.written) }
        members["expires"] = terms.expires.map { .string($0.written) }
        return .object(members)
    }

    /// The status, or where in its term an active license stands.
    func statusShown(at now: Date) -> String {
        guard status == .active else { return status.rawValue }
        if terms.isOver(at: now) { return "expired" }
        if terms.isToCome(at: now) { return "to come" }
        if let expires = terms.expires, expires <= now { return "grace" }
        return status.rawValue
    }
}

extension LicenseTerms {
    /// The customer's time zone.
    var zone: TimeZone { TimeZone(identifier: timezone) ?? .gmt }

    /// The end of the term on the customer's clock.
    var expiresShown: String { expires?.shown(in: zone) ?? "never" }

    /// Says so on standard error when the term has ended already: a year may be mistyped.
    func noteTermThatIsOver(at now: Date = .now) {
        guard let expires, expires <= now else { return }
        Terminal.note("warning: the term ended at \(expiresShown), before now.")
    }
}

extension LicenseTerms.Grant {
    fileprivate var shown: JSONValue {
        var members: JSONObject = ["name": .string(plugin)]
        members["updates_until"] = updatesUntil.map { .string($0.written) }
        return .object(members)
    }
}

extension Date {
    /// `2026-11-21T10:12:44Z`.
    var written: String { formatted(Date.ISO8601FormatStyle()) }
}

extension Date {
    /// `2026-12-31 23:59 Europe/Berlin`.
    func shown(in zone: TimeZone) -> String {
        let style = Date.ISO8601FormatStyle(timeZone: zone).year().month().day()
            .dateTimeSeparator(.space).time(includingFractionalSeconds: false)
        return "\(formatted(style).dropLast(3)) \(zone.identifier)"
    }
}
