import CanonicalJSON
import FoundationEssentials
import Licensing
import Storage

extension LicenseRecord {
    /// The license for programs; never its key.
    var shown: JSONValue {
        var members: JSONObject = [
            "id": .string(id), "account": .string(account.name),
            "mode": .string(terms.mode.rawValue),
            "status": .string(status.rawValue), "trial": .bool(terms.isTrial),
            "sequence": .integer(sequence), "grace_days": .integer(Int64(terms.graceDays)),
            "timezone": .string(terms.timezone), "after_term": .string(terms.afterTerm.rawValue),
            "lease_s": .integer(terms.checkIn.lease),
            "channels": .array(terms.channels.sorted().map { .string($0) }),
            "plugins": .array(terms.grants.map(\.shown)),
            "features": JSONValue(sorted: terms.features),
            "limits": JSONValue(sorted: terms.limits),
            "created": .string(created.written),
        ]
        members["plan"] = terms.plan.map { .string($0) }
        members["expires"] = terms.expires.map { .string($0.written) }
        return .object(members)
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
