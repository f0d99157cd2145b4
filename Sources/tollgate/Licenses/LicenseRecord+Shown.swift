import CanonicalJSON
import FoundationEssentials
import Storage

extension LicenseRecord {
    /// The license for programs; never its key.
    var shown: JSONValue {
        var members: JSONObject = [
            "id": .string(id), "account": .string(account.name), "mode": .string(mode.rawValue),
            "status": .string(status.rawValue), "trial": .bool(isTrial),
            "sequence": .integer(Int64(sequence)), "grace_days": .integer(Int64(graceDays)),
            "timezone": .string(timezone), "after_term": .string(afterTerm.rawValue),
            "lease_s": .integer(Int64(checkIn.lease)),
            "channels": .array(channels.sorted().map { .string($0) }),
            "plugins": .array(grants.map(\.shown)),
            "features": JSONValue(sorted: features), "limits": JSONValue(sorted: limits),
            "created": .string(created.written),
        ]
        members["plan"] = plan.map { .string($0) }
        members["expires"] = expires.map { .string($0.written) }
        return .object(members)
    }

}

extension LicenseRecord.Grant {
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
