package import CanonicalJSON
package import Cryptography
import Diagnostics
package import FoundationEssentials
internal import GRDB
import Licensing

/// What a heartbeat tells.
package struct CheckInReport: Sendable {
    package let counter: Int64
    /// Installed plugins, mismatches, seats: the heartbeat itself.
    package let report: JSONValue
    package let environment: JSONValue
    /// Whether the counter begins anew, at 1, with each registration; a time does not.
    package let beginsAnew: Bool

    package init(
        counter: Int64, report: JSONValue, environment: JSONValue, beginsAnew: Bool = true
    ) {
        self.counter = counter
        self.report = report
        self.environment = environment
        self.beginsAnew = beginsAnew
    }
}

/// What the gateway knew when a heartbeat came.
package struct CheckedIn: Sendable {
    package let bindings: LicenseBindings
    package let installation: InstallationRecord
    /// Why two machines seem to answer to its Instance ID; nil: they do not.
    package let conflict: CounterConflict?
    /// The SHA-512 of the current `vendor.json`; nil: there is none.
    package let vendorFile: Digest?
}

extension InstallationRepository {
    /// Keeps what a check-in told, on the disk before it returns.
    ///
    /// A ``CounterConflict`` is flagged, in the audit log at most once an hour for each installation;
    /// nobody is refused for it. What a later check-in told is not replaced by an earlier one that
    /// comes again.
    ///
    /// - Returns: nil when the installation does not hold a license now
    /// - Throws: ``StorageError``.
    package func checkIn(
        _ id: String, _ told: CheckInReport, at now: Date
    ) async throws(StorageError) -> CheckedIn? {
        try await checkIns.perform { database in
            guard
                let license = try String.fetchOne(
                    database.cachedStatement(sql: CheckInSQL.license), arguments: [id])
            else { return nil }
            let bindings = try database.bindings(of: license, at: now)
            guard let known = bindings.installations.first(where: { $0.id == id }) else {
                return nil
            }
            let conflict = CounterConflict(
                of: told, to: known, after: now.seconds - known.lastCheckIn.seconds,
                retry: bindings.license.terms.checkIn.retry)
            if let conflict {
                try database.flag(known, told: told.counter, seen: conflict.seen, at: now)
            }
            if told.counter > max(known.counter, conflict?.seen ?? 0) {
                try database.cachedStatement(sql: CheckInSQL.checkIn).execute(arguments: [
                    told.counter, told.report.text, told.environment.text, now.seconds, id,
                ])
            } else {
                try database.cachedStatement(sql: CheckInSQL.heard).execute(arguments: [
                    told.counter, now.seconds, id,
                ])
            }
            return CheckedIn(
                bindings: bindings, installation: known, conflict: conflict,
                vendorFile: try database.digest(ofCurrentFile: SignedFileRecord.vendor))
        }
    }
}

extension Database {
    fileprivate func flag(
        _ known: InstallationRecord, told counter: Int64, seen: Int64, at now: Date
    ) throws {
        let logged = try Int64.fetchOne(
            self, sql: CheckInSQL.lastFlag,
            arguments: [known.license, Actor.installation(known.id).description])
        try execute(sql: CheckInSQL.flag, arguments: [now.seconds, known.id])
        guard logged.map({ $0 + 3600 <= now.seconds }) ?? true else { return }
        try audit(
            "check-in.counter-repeated", of: known.license, by: .installation(known.id), at: now,
            detail: ["seen": .integer(seen), "told": .integer(counter)])
    }
}

private enum CheckInSQL {
    static let license = "SELECT license FROM installation WHERE id = ?"
    static let checkIn = """
        UPDATE installation SET counter = ?, report = ?, environment = ?, last_check_in_at = ?
        WHERE id = ?
        """
    static let heard = """
        UPDATE installation SET counter = MAX(counter, ?), last_check_in_at = ? WHERE id = ?
        """
    static let flag = "UPDATE installation SET flagged_at = ? WHERE id = ?"
    static let lastFlag = """
        SELECT MAX(at) FROM audit
        WHERE subject = ? AND actor = ? AND action = 'check-in.counter-repeated'
        """
}
