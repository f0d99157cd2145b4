package import CanonicalJSON
import Cryptography
import Diagnostics
package import FoundationEssentials
internal import GRDB

/// An instance that asks for a license.
package struct InstanceClaim: Sendable {
    /// The Instance ID.
    package let instance: String
    /// The salted hashes of the facts behind it.
    package let facts: JSONValue
    /// Where it runs.
    package let environment: JSONValue
    package let purpose: BindingPurpose

    package init(
        instance: String, facts: JSONValue, environment: JSONValue, purpose: BindingPurpose
    ) {
        self.instance = instance
        self.facts = facts
        self.environment = environment
        self.purpose = purpose
    }
}

/// What came of an attempt to bind an instance to a license.
package enum BindingResult<Answer: Sendable>: Sendable {
    /// Bound now, or before: the same answer to the same question.
    case bound(InstallationRecord, Answer)
    case occupied(by: [InstallationRecord])
    case limited(MoveLimit)
}

extension InstallationRepository {
    /// Binds an instance to a license, unless others hold it or it was moved too often.
    ///
    /// The answer is made inside the transaction, of the bindings as they will be: who cannot be
    /// answered does not hold the license, and of two that ask at once one comes second.
    ///
    /// - Parameters:
    ///   - claim: who asks, and for what
    ///   - license: the ID of the license
    ///   - now: the present time
    ///   - answer: makes the answer for the instance; what it throws undoes the binding
    /// - Returns: the installation with the answer, or what stands against it
    /// - Throws: ``StorageError`` `gateway.record-not-found`, what `answer` throws.
    package func bind<Answer: Sendable>(
        _ claim: InstanceClaim, to license: String, at now: Date,
        answering answer:
            @escaping @Sendable (LicenseBindings, InstallationRecord) throws -> Answer
    ) async throws -> BindingResult<Answer> {
        let new = NewInstallation(
            id: NewInstallation.freshID(), instance: claim.instance, facts: claim.facts,
            environment: claim.environment)
        return try await database.writeUndoing { database in
            let bindings = try database.openBindings(of: license, at: now)
            let earlier = try Int64.fetchAll(
                database, sql: BindingSQL.moves,
                arguments: [license, now.addingTimeInterval(-yearOfRebinding).seconds]
            ).map(Date.init(seconds:))
            let known: InstallationRecord?
            switch BindingChange.asked(
                by: claim.instance, for: claim.purpose, of: bindings,
                freedBy: try database.lastHolder(of: license), movedBefore: earlier, now: now
            ) {
            case .occupied(let others): return .occupied(by: others)
            case .limited(let limit): return .limited(limit)
            case .unchanged(let installation): known = installation
            case .change(let change):
                known = try database.apply(change, to: bindings, new: [new], by: nil, at: now).first
            }
            let id = known?.id ?? new.id
            try database.execute(
                sql: BindingSQL.registerAgain,
                arguments: [claim.facts.text, claim.environment.text, now.seconds, id])
            let after = try database.bindings(of: license, at: now)
            guard let bound = after.installations.first(where: { $0.id == id }) else {
                throw StorageError(.recordNotFound, "There is no installation \(id).")
            }
            return .bound(bound, try answer(after, bound))
        }
    }

    /// Binds a license to these instances and to no others, as the vendor decides.
    ///
    /// - Parameters:
    ///   - license: its ID
    ///   - instances: the Instance IDs that hold it from now on; none: the next that asks
    ///   - end: until when those that are left may use it
    ///   - actor: who decides it
    ///   - now: the present time
    ///   - check: throws to undo it
    /// - Returns: the license with its instances
    /// - Throws: ``StorageError`` `gateway.record-not-found`, what `check` throws.
    package func rebind(
        _ license: String, to instances: [String], leavingUntil end: Date, by actor: Actor,
        at now: Date, checking check: @escaping @Sendable (LicenseBindings) throws -> Void
    ) async throws -> LicenseBindings {
        try await database.writeUndoing { database in
            let bindings = try database.openBindings(of: license, at: now)
            if let change = BindingChange.decided(
                holders: instances, of: bindings, freedBy: try database.lastHolder(of: license),
                until: end)
            {
                let new = instances.map {
                    NewInstallation(id: NewInstallation.freshID(), instance: $0)
                }
                try database.apply(change, to: bindings, new: new, by: actor, at: now)
            }
            let after = try database.bindings(of: license, at: now)
            try check(after)
            return after
        }
    }

    /// The license with the instances that may use it.
    ///
    /// - Throws: ``StorageError`` `gateway.record-not-found`.
    package func bindings(
        of license: String, at now: Date
    ) async throws(StorageError) -> LicenseBindings {
        try await database.read { try $0.bindings(of: license, at: now) }
    }
}

extension NewInstallation {
    static func freshID() -> String { "ins_" + Hex.encode(SecureRandom.bytes(16)) }
}

extension Database {
    func bindings(of license: String, at now: Date) throws -> LicenseBindings {
        guard let record = try self.license(id: license) else {
            throw StorageError(.recordNotFound, "There is no license \(license).")
        }
        return LicenseBindings(
            license: record, installations: try currentInstallations(of: license, at: now))
    }

    /// The same after closing the windows that are over: their instances may come back as new ones.
    fileprivate func openBindings(of license: String, at now: Date) throws -> LicenseBindings {
        try execute(sql: BindingSQL.closeWindows, arguments: [license, now.seconds])
        return try bindings(of: license, at: now)
    }

    /// The instance that held the license until the customer freed it; nil: the customer did not.
    fileprivate func lastHolder(of license: String) throws -> String? {
        try String.fetchOne(self, sql: BindingSQL.lastHolder, arguments: [license])
    }

    /// Makes the change, raises the license's sequence and leaves a line in the audit log.
    ///
    /// - Returns: the installations of `new`, in their order; those known before keep their IDs
    @discardableResult
    fileprivate func apply(
        _ change: BindingChange, to bindings: LicenseBindings, new: [NewInstallation],
        by actor: Actor?, at now: Date
    ) throws -> [InstallationRecord] {
        let license = bindings.license.id
        for installation in bindings.installations {
            guard let end = change.leaving[installation.instance] else { continue }
            if end > now {
                try execute(
                    sql: BindingSQL.leave,
                    arguments: [end.seconds, change.isCounted, installation.id])
            } else {
                try execute(sql: BindingSQL.leaveNow, arguments: [end.seconds, installation.id])
            }
        }
        if change.endsReturns { try execute(sql: BindingSQL.endReturns, arguments: [license]) }
        var holders: [InstallationRecord] = []
        for installation in new {
            let known = bindings.installations.first { $0.instance == installation.instance }
            if let known {
                try execute(sql: BindingSQL.hold, arguments: [known.id])
            } else {
                try insertInstallation(installation, of: license, at: now)
            }
            if let holder = try self.installation(known?.id ?? installation.id) {
                holders.append(holder)
            }
        }
        if change.isCounted {
            try execute(
                sql: BindingSQL.count, arguments: [license, change.holders.first, now.seconds])
        }
        try execute(sql: BindingSQL.decided, arguments: [license])
        let sequence = try raiseSequence(of: license)
        try audit(
            change.action, of: license,
            by: actor ?? holders.first.map { .installation($0.id) } ?? .gateway, at: now,
            detail: change.auditDetail(sequence: sequence))
        return holders
    }
}

extension BindingChange {
    fileprivate func auditDetail(sequence: Int64) -> JSONValue {
        var members: JSONObject = [
            "instances": .array(holders.map { .string($0) }), "sequence": .integer(sequence),
        ]
        if !leaving.isEmpty {
            members["leaving"] = .array(
                leaving.sorted { $0.key < $1.key }.map {
                    ["instance": .string($0.key), "until": .integer($0.value.seconds)]
                })
        }
        if isCounted { members["counted"] = true }
        return .object(members)
    }
}

private enum BindingSQL {
    static let closeWindows = """
        UPDATE installation SET released_at = valid_until
        WHERE license = ? AND released_at IS NULL AND valid_until <= ?
        """
    /// Who registers begins to count anew: its storage folder may be another.
    static let registerAgain = """
        UPDATE installation SET
            facts = ?, environment = ?, counter = 0, last_check_in_at = ?,
            counter_before = CASE WHEN counter > 0 THEN counter ELSE counter_before END
        WHERE id = ?
        """
    static let leave = "UPDATE installation SET valid_until = ?, may_return = ? WHERE id = ?"
    static let leaveNow = "UPDATE installation SET released_at = ? WHERE id = ?"
    static let hold = "UPDATE installation SET valid_until = NULL, may_return = 0 WHERE id = ?"
    static let endReturns = "UPDATE installation SET may_return = 0 WHERE license = ?"
    static let lastHolder = "SELECT freed_by FROM license WHERE id = ?"
    static let decided = "UPDATE license SET freed_by = NULL WHERE id = ?"
    static let count = "INSERT INTO rebinding (license, instance, at) VALUES (?, ?, ?)"
    static let moves = "SELECT at FROM rebinding WHERE license = ? AND at > ? ORDER BY at, number"
}
