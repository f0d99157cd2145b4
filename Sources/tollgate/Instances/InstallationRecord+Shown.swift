import CanonicalJSON
import FoundationEssentials
import Licensing
import Storage

extension InstallationRecord {
    /// The installation for programs.
    func shown(in license: LicenseRecord?, at now: Date) -> JSONValue {
        var members: JSONObject = [
            "installation": .string(id), "instance_id": .string(instance),
            "license": .string(self.license), "current": .bool(isCurrent(at: now)),
            "registered": .string(registered.written),
            "last_check_in": .string(lastCheckIn.written), "check_ins": .integer(counter),
        ]
        members["valid_until"] = validUntil.map { .string($0.written) }
        members["released"] = released.map { .string($0.written) }
        members["token_may_hold_until"] = keptTokenEnd(in: license, at: now).map {
            .string($0.written)
        }
        members["flagged"] = flagged.map { .string($0.written) }
        members["environment"] = environment
        members["facts"] = .array(factNames.map { .string($0) })
        members["report"] = report
        return .object(members)
    }

    /// The names of the facts behind the Instance ID; what they are, nobody but the instance knows.
    var factNames: [String] {
        (facts?["hashes"]?.object?.map(\.name) ?? []).sorted()
    }

    /// The application's version, when it was told.
    var applicationVersion: String? { environment?["application_version"]?.string }

    var pkgVersion: String? { environment?["pkg_version"]?.string }

    /// Active users, when the application told.
    var seats: Int64? { report?["seats"]?.integer }

    /// What support should see at a glance.
    func flags(in license: LicenseRecord?, at now: Date) -> [String] {
        let zone = license?.terms.zone ?? .gmt
        var flags: [String] = []
        if let released {
            flags.append("released \(released.shown(in: zone))")
        } else if let validUntil {
            flags.append(
                "moved away, \(validUntil <= now ? "ended" : "until") \(validUntil.shown(in: zone))"
            )
        }
        if let end = keptTokenEnd(in: license, at: now) {
            flags.append("its token may hold until \(end.shown(in: zone))")
        }
        if let flagged { flags.append("two machines? \(flagged.shown(in: zone))") }
        if let seats, let limit = license?.terms.limits["seats"], seats > limit {
            flags.append("\(seats) of \(limit) seats")
        }
        if let license, license.terms.mode == .standard, isCurrent(at: now),
            lastCheckIn.addingTimeInterval(Double(license.terms.checkIn.lease)) <= now
        {
            flags.append("lease over")
        }
        return flags
    }

    /// Until when the token that it kept may hold though the license left it.
    ///
    /// Nobody can take it back from a machine that does not check in; nil where it ends with the
    /// lease.
    private func keptTokenEnd(in license: LicenseRecord?, at now: Date) -> Date? {
        guard let terms = license?.terms, terms.mode != .standard, !isCurrent(at: now),
            let end = terms.graceUntil, now < end
        else { return nil }
        return end
    }
}

extension AuditEntry {
    var shown: JSONValue {
        [
            "at": .string(at.written), "actor": .string(actor.description),
            "action": .string(action), "detail": detail,
        ]
    }

    /// Whether the change was made by the installation, or names its instance.
    func isAbout(_ installation: InstallationRecord) -> Bool {
        let named =
            [detail["instance"]].compactMap(\.self) + (detail["instances"]?.array ?? [])
            + (detail["leaving"]?.array ?? []).compactMap { $0["instance"] }
        return actor == .installation(installation.id)
            || named.contains(.string(installation.instance))
    }
}
